/** Keeps the plan true while it is in sight: after changes of the document and at the end of runs. */

import { onDocument } from "../document/watch";
import { type RunState } from "../run/store";
import { type Session } from "../session";
import { runName } from "../workflows/name";
import { askPlan } from "./ask";
import { type PlannedStep, isVisible } from "./store";

const PAUSE_MS = 250;

export type Watched = Pick<Session, "api" | "tabs" | "plan" | "run">;

export function watchPlan({ api, tabs, plan, run }: Watched): () => void {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let asking: AbortController | undefined;

  const look = async (): Promise<void> => {
    asking?.abort();
    const { signal } = (asking = new AbortController());
    const tab = tabs.current();
    plan.setState({ status: "asking" });
    try {
      const steps = await askPlan(tab.document.getState().file, { api, name: runName(tab), signal });
      if (!signal.aborted) plan.setState(({ steps: before }) => ({ status: "done", steps: keepSame(before, steps) }));
    } catch {
      if (!signal.aborted) plan.setState({ status: "unreachable", steps: {} });
    }
  };
  const later = (pause: number): void => {
    clearTimeout(timer);
    if (isVisible(plan.getState())) timer = setTimeout(() => void look(), pause);
  };

  const stops = [
    onDocument(tabs, () => later(PAUSE_MS)),
    run.subscribe((now, before) => hasEnded(now, before) && later(PAUSE_MS)),
    // What is pressed is no longer asked about: the run's own progress shows now.
    run.subscribe((now, before) => now.current !== before.current && plan.show(false)),
    plan.subscribe((now, before) => isVisible(now) && !isVisible(before) && later(0)),
  ];
  return () => {
    clearTimeout(timer);
    asking?.abort();
    for (const stop of stops) stop();
  };
}

/** A run that ended has left results: what was to run may be cached now. */
function hasEnded(now: RunState, before: RunState): boolean {
  if (now.runs === before.runs) return false;
  return Object.values(now.runs).some(({ id, finished }) => finished !== undefined && before.runs[id]?.finished === undefined);
}

/** Only nodes whose plan changed are drawn again. */
function keepSame(before: Readonly<Record<string, PlannedStep>>, now: Readonly<Record<string, PlannedStep>>) {
  return Object.fromEntries(
    Object.entries(now).map(([id, step]) => {
      const old = before[id];
      const isSame = old?.state === step.state && isDeepSame(old.reason, step.reason) && old.seconds === step.seconds;
      return [id, isSame ? old : step];
    }),
  );
}

function isDeepSame(a: PlannedStep["reason"], b: PlannedStep["reason"]): boolean {
  return a === b || JSON.stringify(a) === JSON.stringify(b);
}
