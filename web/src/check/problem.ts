/** What the server found wrong with a workflow, sorted for showing. */

import { type Problem } from "../api/client";

/** `incomplete` is work not done yet, not a mistake: it is shown quietly. */
export type Severity = "error" | "incomplete" | "warning";

export const SEVERITIES = ["error", "incomplete", "warning"] as const;

const UNFINISHED = new Set(["missing-input", "empty"]);

export function severityOf(problem: Problem): Severity {
  if (problem.severity === "warning") return "warning";
  return UNFINISHED.has(problem.code) ? "incomplete" : "error";
}

/** The gravest of some problems. */
export function worst(problems: readonly Problem[]): Severity | undefined {
  const found = new Set(problems.map(severityOf));
  return SEVERITIES.find((severity) => found.has(severity));
}

export function count(problems: readonly Problem[], severity: Severity): number {
  return problems.filter((problem) => severityOf(problem) === severity).length;
}

/** A problem as text to paste into an issue or a chat. */
export function problemText(problem: Problem): string {
  const where = [problem.step, problem.port].filter(Boolean).join(".");
  const because = problem.because?.length ? ` (because ${problem.because.join("; ")})` : "";
  return `${where ? `${where}: ` : ""}${problem.message}${because}${problem.fix ? `; ${problem.fix}` : ""}`;
}
