/** How many seconds a run may still take; undefined as long as nothing is known of it. */

import { type Forecast, type StepState, type Steps } from "./store";

const OVER: ReadonlySet<StepState["status"]> = new Set(["done", "cached", "failed", "skipped"]);

export function secondsLeft(steps: Steps, forecasts: Record<string, Forecast> | undefined, now: number): number | undefined {
  const inHand = Object.values(steps).filter(({ status }) => status === "running").map((step) => stepLeft(step, now));
  const ahead = Object.entries(forecasts ?? {})
    .filter(([node]) => !OVER.has(steps[node]?.status ?? "idle") && steps[node]?.status !== "running")
    .map(([, { seconds }]) => seconds);
  const known = [...inHand, ...ahead].filter((seconds) => seconds !== undefined);
  return known.length === 0 ? undefined : known.reduce((sum, seconds) => sum + seconds, 0);
}

/** From its own pace if it tells how far it is, else from how long it took in the past. */
export function stepLeft({ progress, watched, expected }: StepState, now: number): number | undefined {
  const elapsed = watched ? (now - watched.at) / 1000 : 0;
  const made = progress && watched ? progress.done - watched.done : 0;
  if (progress && made > 0 && elapsed > 0) return (elapsed / made) * Math.max(0, progress.total - progress.done);
  return expected === undefined ? undefined : Math.max(0, expected - elapsed);
}

/** Between 0 and 1: steps that are over, and the part of those in hand that is done. */
export function shareDone(steps: Steps, total: number): number {
  if (total === 0) return 0;
  const done = Object.values(steps).reduce((sum, { status, progress }) => {
    if (OVER.has(status)) return sum + 1;
    return status === "running" && progress && progress.total > 0 ? sum + progress.done / progress.total : sum;
  }, 0);
  return Math.min(1, done / total);
}
