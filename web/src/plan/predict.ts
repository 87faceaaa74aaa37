/** What the page works out itself, where the engine has no plan: workflows with errors in them. */

import { type Problem, type Schemas } from "../api/client";
import { without } from "../document/commands/change";
import { type WorkflowFile, parseLink, wiresOf } from "../document/model";
import { type PlannedStep } from "./store";

export type Steps = Record<string, PlannedStep>;

/** The nodes that errors stop: those that have one, and all that read from them. */
export function blockedBy(file: WorkflowFile, problems: readonly Problem[]): Steps {
  const steps: Steps = {};
  const readers = readersOf(file);
  const waiting: [string, PlannedStep["reason"]][] = problems
    .filter(({ step, severity }) => severity === "error" && file.nodes[step])
    .map(({ step, port, message }) => [step, port ? `${port}: ${message}` : message]);
  for (const [id, reason] of waiting) {
    if (steps[id]) continue;
    steps[id] = { state: "blocked", reason, seconds: null };
    for (const reader of readers.get(id) ?? []) waiting.push([reader, { key: "plan.waits", node: id }]);
  }
  return steps;
}

/** The part of a workflow that no error stops, as a workflow of its own. */
export function withoutBlocked(file: WorkflowFile, blocked: Steps): WorkflowFile {
  const { parameters = {} } = file;
  const lost = Object.keys(parameters).filter((name) => blocked[parseLink(parameters[name] ?? "").node]);
  return { ...file, nodes: without(file.nodes, Object.keys(blocked)), parameters: without(parameters, lost) };
}

/** What the engine said; nodes it said nothing of are muted or need one that is. */
export function plannedFrom(file: WorkflowFile, said: readonly Schemas["PlanStep"][], problems: readonly Problem[]): Steps {
  const steps: Steps = {};
  for (const id of Object.keys(file.nodes)) {
    const reason = problems.find((problem) => problem.step === id && problem.code === "left-out")?.message;
    steps[id] = { state: "left out", reason: reason ?? { key: "plan.muted" }, seconds: null };
  }
  for (const { step, state, reason, seconds } of said) {
    steps[step] = { state: state === "unused" ? "left out" : state, reason, seconds };
  }
  return steps;
}

function readersOf(file: WorkflowFile): Map<string, string[]> {
  const readers = new Map<string, string[]>();
  for (const { source, target } of wiresOf(file)) {
    readers.set(source.node, [...(readers.get(source.node) ?? []), target.node]);
  }
  return readers;
}
