/** How the state of runs follows from what the server tells. Pure; an event heard twice changes nothing. */

import { type RunFigures, type ServerEvent } from "../api/events";
import { followed, withSteps } from "./follow";
import { type RunState, type RunSummary, type StepState, hasEnded } from "./store";

const MOST_REMEMBERED = 24;

type StepEvent = Extract<ServerEvent, { step: string }>;

export function reduce(state: RunState, event: ServerEvent, now: number): RunState {
  switch (event.event) {
    case "snapshot":
      return followed(snapshot(state, event.runs, event.queue));
    case "queue-changed":
      return { ...state, queue: pickQueue(event) };
    case "run-changed":
    case "run-ended":
      return followed(forgetOld(changed(state, event.details)));
    case "run-started":
      // Also of a run that begins again after the server was killed: what it had is looked up anew.
      return withSteps({ ...state, warnings: { ...state.warnings, [event.run]: [] } }, event.run, {});
    case "warned":
      return warned(state, event.run, event.message);
    case "run-done":
      return state; // run-ended follows with all figures
    case "step-started":
    case "step-progress":
    case "step-done":
    case "step-failed":
    case "step-skipped":
      return stepped(state, event, now);
    default:
      return state; // a kind that only a later server knows
  }
}

/** Puts runs in that were asked for by themselves, such as older pages of the list. */
export function withRuns(state: RunState, runs: readonly RunFigures[]): RunState {
  return followed(runs.reduce(noted, state));
}

/** A picture of a step that is not done yet. */
export function withPreview(state: RunState, run: string, step: string, url: string): RunState {
  const steps = state.stepsOf[run] ?? {};
  const before = steps[step] ?? { status: "running" };
  return withSteps(state, run, { ...steps, [step]: { ...before, previewUrl: url } });
}

function snapshot(state: RunState, runs: readonly RunFigures[], queue: RunState["queue"]): RunState {
  const told = runs.reduce(noted, { ...state, queue: pickQueue(queue) });
  // The frames that follow tell all that is true of runs in hand; what we had may be of a lost attempt.
  const kept = Object.entries(told.stepsOf).filter(([run]) => {
    const known = told.runs[run];
    return known !== undefined && hasEnded(known);
  });
  return { ...told, stepsOf: Object.fromEntries(kept) };
}

function changed(state: RunState, details: RunFigures): RunState {
  const before = state.runs[details.id];
  const after = noted(state, details);
  const run = after.runs[details.id];
  if (!run) return after;
  const told = { ...after, queue: counted(state.queue, before, run) };
  return hasEnded(run) ? settled(told, run) : told;
}

function noted(state: RunState, details: RunFigures): RunState {
  const run = summaryOf(details);
  const isNew = state.runs[run.id] === undefined;
  const order = isNew ? [...state.order, run.id].toSorted((a, b) => Number(b) - Number(a)) : state.order;
  return { ...state, order, runs: { ...state.runs, [run.id]: run } };
}

/** When a run has ended, nothing of it runs any more, failures tell themselves, and saved pictures have an address. */
function settled(state: RunState, run: RunSummary): RunState {
  const steps = { ...state.stepsOf[run.id] };
  for (const [node, step] of Object.entries(steps)) {
    if (step.status === "running" || step.status === "waiting") steps[node] = { ...step, status: "idle", progress: undefined };
    const shown = run.artifacts.find(({ name }) => step.files?.includes(name.slice(name.lastIndexOf("/") + 1)));
    if (shown && step.previewUrl !== shown.href) steps[node] = { ...step, previewUrl: shown.href };
  }
  for (const [node, message] of Object.entries(run.failures)) {
    if (steps[node]?.status !== "failed") steps[node] = { ...steps[node], status: "failed", error: { message } };
  }
  for (const { step, message, fix, severity } of run.problems) {
    if (step && severity === "error" && !steps[step]?.error) steps[step] = { status: "failed", error: { message, fix } };
  }
  return withSteps(state, run.id, steps);
}

function stepped(state: RunState, event: StepEvent, now: number): RunState {
  const steps = state.stepsOf[event.run] ?? {};
  const before = steps[event.step];
  const after = stepAfter(before, event, state.forecasts[event.run]?.[event.step]?.reason, now);
  return withSteps(state, event.run, { ...steps, [event.step]: after });
}

function stepAfter(before: StepState | undefined, event: StepEvent, forecast: string | undefined, now: number): StepState {
  const previewUrl = before?.previewUrl;
  switch (event.event) {
    case "step-started":
      return { status: "running", reason: event.reason, expected: event.expected ?? undefined, watched: { at: now, done: 0 } };
    case "step-progress": {
      const { done, total, figures } = event;
      // Heard first in a snapshot: when it began we do not know, but from here on we can watch.
      const watched = before?.watched ?? { at: now, done };
      return { ...before, status: "running", watched, progress: { done, total, text: progressText(done, total, figures) } };
    }
    case "step-done":
      return {
        status: event.cached ? "cached" : "done",
        seconds: event.seconds,
        reason: before?.reason ?? forecast,
        files: event.files,
        previewUrl,
      };
    case "step-failed":
      return { status: "failed", error: { message: event.message }, reason: before?.reason, previewUrl };
    case "step-skipped":
      return { status: "skipped", reason: event.by };
  }
}

function progressText(done: number, total: number, figures: Record<string, number | null>): string {
  const told = Object.entries(figures).map(([name, value]) => `${name} ${value === null ? "–" : Number(value.toPrecision(4))}`);
  return [`${done} / ${total}`, ...told].join("  ");
}

function warned(state: RunState, run: string, message: string): RunState {
  const before = state.warnings[run] ?? [];
  if (before.includes(message)) return state;
  return { ...state, warnings: { ...state.warnings, [run]: [...before, message] } };
}

function counted(queue: RunState["queue"], before: RunSummary | undefined, after: RunSummary): RunState["queue"] {
  const left = (phase: "queued" | "running"): number =>
    Math.max(0, queue[phase] + Number(after.state === phase) - Number(before?.state === phase));
  return { ...queue, queued: left("queued"), running: left("running") };
}

function forgetOld(state: RunState): RunState {
  const known = Object.keys(state.stepsOf);
  if (known.length <= MOST_REMEMBERED) return state;
  const old = known.toSorted((a, b) => Number(a) - Number(b)).find((run) => run !== state.current);
  if (old === undefined) return state;
  const { [old]: _steps, ...stepsOf } = state.stepsOf;
  const { [old]: _asked, ...asked } = state.asked;
  const { [old]: _forecast, ...forecasts } = state.forecasts;
  return { ...state, stepsOf, asked, forecasts };
}

function pickQueue({ paused, queued, running }: RunState["queue"]): RunState["queue"] {
  return { paused, queued, running };
}

export function summaryOf(details: RunFigures & { failures?: Record<string, string> }): RunSummary {
  const { id, state, name, priority, attempt, artifacts, problems } = details;
  return {
    id,
    state,
    name,
    priority,
    attempt,
    artifacts,
    problems,
    created: details.created ?? undefined,
    started: details.started ?? undefined,
    finished: details.finished ?? undefined,
    message: details.message || details.problems[0]?.message,
    failures: details.failures ?? {},
    counts: details.counts as Record<string, number>,
  };
}
