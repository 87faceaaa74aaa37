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

/** The priorities that bring a run to another place among those that wait: as few as do, the highest first.
 *
 * No two that matter are left equal: among equals the server goes by when they came, which the page does not know.
 */
export function prioritiesAt(waiting: readonly RunSummary[], id: string, to: number): [id: string, priority: number][] {
  const moved = waiting.find((run) => run.id === id);
  const others = waiting.filter((run) => run.id !== id);
  if (!moved || waiting.indexOf(moved) === to) return [];
  const above = others.slice(0, to);
  const below = others.slice(to);
  const lifted = apart(above.toReversed(), (below[0]?.priority ?? (above.at(-1)?.priority ?? 0) - 2) + 1, 1);
  const lowered = apart(below, (above.at(-1)?.priority ?? (below[0]?.priority ?? 0) + 2) - 1, -1);
  const [own, rest] = lifted.rest.length <= lowered.rest.length ? [lifted.own, lifted.rest] : [lowered.own, lowered.rest];
  return [[id, own] as [string, number], ...rest].map(([run, priority]): [string, number] => [run, within(priority)]).toSorted((a, b) => b[1] - a[1]);
}

/** Those that have to make room for one that gets a priority, going away from it. */
function apart(neighbours: readonly RunSummary[], own: number, step: 1 | -1): { own: number; rest: [string, number][] } {
  const rest: [string, number][] = [];
  let taken = own;
  for (const { id, priority } of neighbours) {
    if ((priority - taken) * step > 0) break;
    taken += step;
    rest.push([id, taken]);
  }
  return { own, rest };
}

function within(priority: number): number {
  return Math.max(-LARGEST, Math.min(LARGEST, priority));
}
