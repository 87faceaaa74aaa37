/** What became of the nodes of a run that ended before this page was there. */

import { type RunEvent } from "../api/events";
import { followed } from "./follow";
import { reduce } from "./reduce";
import { type RunState, type RunSummary, type Steps } from "./store";

export function storySteps(state: RunState, run: RunSummary, events: readonly RunEvent[]): RunState {
  const told = events.reduce((now, event) => reduce(now, { ...event, run: run.id, epoch: "", seq: 0 }, 0), state);
  const steps = { ...cachedSteps(state, run, told.stepsOf[run.id] ?? {}), ...told.stepsOf[run.id] };
  const whole = { ...told, stepsOf: { ...told.stepsOf, [run.id]: withArtifacts(steps, run) } };
  return followed(whole);
}

/** Cached steps are only counted in a story: when all that are not named make up the count, they are those. */
function cachedSteps(state: RunState, run: RunSummary, named: Steps): Steps {
  const unnamed = (state.asked[run.id] ?? []).filter((node) => named[node] === undefined);
  if (unnamed.length === 0 || unnamed.length !== run.counts["cached"]) return {};
  return Object.fromEntries(unnamed.map((node) => [node, { status: "cached" as const }]));
}

function withArtifacts(steps: Steps, run: RunSummary): Steps {
  const entries = Object.entries(steps).map(([node, step]) => {
    const made = run.artifacts.find(({ name }) => step.files?.some((file) => baseName(file) === baseName(name)));
    return [node, made ? { ...step, previewUrl: made.href } : step] as const;
  });
  return Object.fromEntries(entries);
}

function baseName(name: string): string {
  return name.slice(name.lastIndexOf("/") + 1);
}
