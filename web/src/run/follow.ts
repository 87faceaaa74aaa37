/** Which run is drawn on the graph: the one in hand of the workflow in front, else its newest. */

import { type RunState, type RunSummary, type Steps, WAITING, hasEnded } from "./store";

export function follow(state: RunState, name: string | undefined): RunState {
  return followed({ ...state, followed: name });
}

/** Chooses the current run again, after runs or the followed name have changed. */
export function followed(state: RunState): RunState {
  const current = state.followed === undefined ? undefined : chosen(state, state.followed);
  return { ...state, current, steps: drawn(state, current) };
}

export function withSteps(state: RunState, run: string, steps: Steps): RunState {
  const after = { ...state, stepsOf: { ...state.stepsOf, [run]: steps } };
  return run === state.current ? { ...after, steps: drawn(after, run) } : after;
}

function chosen({ runs, order }: RunState, name: string): string | undefined {
  const named = order.map((id) => runs[id]).filter((run): run is RunSummary => run?.name === name);
  const begun = named.find(({ state }) => state === "running") ?? named.find(({ state, started }) => state !== "queued" && started !== undefined);
  return (begun ?? named[0])?.id;
}

/** The steps of a run; what was handed in and not heard of waits for as long as the run has not ended. */
function drawn(state: RunState, run: string | undefined): Steps {
  if (run === undefined) return {};
  const steps = state.stepsOf[run] ?? {};
  const summary = state.runs[run];
  if (!summary || hasEnded(summary)) return steps;
  const waiting = (state.asked[run] ?? []).filter((node) => steps[node] === undefined);
  if (waiting.length === 0) return steps;
  return { ...Object.fromEntries(waiting.map((node) => [node, WAITING])), ...steps };
}
