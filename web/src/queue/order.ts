/** In which order runs are taken, as far as the page can tell and change it. */

import { type RunState, type RunSummary } from "../run/store";

const LARGEST = 1000;

/** Those that wait, the next one first: larger priority, then as they came. */
export function waitingRuns({ runs, order }: Pick<RunState, "runs" | "order">): RunSummary[] {
  return order
    .flatMap((id) => runs[id] ?? [])
    .filter(({ state }) => state === "queued")
    .toSorted((a, b) => b.priority - a.priority || Number(a.id) - Number(b.id));
}

export function endedRuns({ runs, order }: Pick<RunState, "runs" | "order">): RunSummary[] {
  return order.flatMap((id) => runs[id] ?? []).filter(({ state }) => state !== "queued" && state !== "running");
}

/** A priority above all that wait; undefined when the run is the next one, or there is no room above. */
export function priorityFirst(waiting: readonly RunSummary[], id: string): number | undefined {
  const others = waiting.filter((run) => run.id !== id);
  if (waiting[0]?.id === id || others.length === 0) return undefined;
  const highest = Math.max(...others.map(({ priority }) => priority));
  return Math.min(LARGEST, highest + 1);
}

export function priorityLast(waiting: readonly RunSummary[], id: string): number | undefined {
  const others = waiting.filter((run) => run.id !== id);
  if (waiting.at(-1)?.id === id || others.length === 0) return undefined;
  return Math.max(-LARGEST, Math.min(...others.map(({ priority }) => priority)) - 1);
}
