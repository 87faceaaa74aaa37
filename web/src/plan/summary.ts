import { PLAN_STATES, type PlanStepState, type PlannedStep } from "./store";

export interface PlanSummary {
  counts: readonly [state: PlanStepState, count: number][];
  /** Expected of all that will or may run, as far as it is known. */
  seconds: number;
  /** Some of what runs was never timed: it may take longer. */
  isOpen: boolean;
}

export function summarise(steps: Readonly<Record<string, PlannedStep>>): PlanSummary {
  const all = Object.values(steps);
  const running = all.filter(({ state }) => state === "run" || state === "may run");
  return {
    counts: PLAN_STATES.map((state): [PlanStepState, number] => [state, all.filter((step) => step.state === state).length]).filter(
      ([, count]) => count > 0,
    ),
    seconds: running.reduce((sum, { seconds }) => sum + (seconds ?? 0), 0),
    isOpen: running.some(({ seconds }) => seconds === null),
  };
}

/** `0.4 s`, `12 s`, `3 min`: as exact as an estimate is. */
export function durationText(seconds: number): string {
  if (seconds < 0.1) return "<0.1 s";
  if (seconds < 9.5) return `${seconds.toFixed(1)} s`;
  if (seconds < 100) return `${Math.round(seconds)} s`;
  return `${Math.round(seconds / 60)} min`;
}
