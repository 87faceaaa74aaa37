/** What the server finds wrong with the document in front, by node; and what it knows of every output. */

import { type StoreApi, createStore } from "zustand/vanilla";
import { type Problem } from "../api/client";
import { type Facts } from "./facts";

export interface CheckState {
  /** `unreachable`: what is shown is of an older document; `refused`: the server would not look at this one. */
  status: "unknown" | "checking" | "done" | "unreachable" | "refused";
  problems: readonly Problem[];
  byNode: Readonly<Record<string, readonly Problem[]>>;
  facts: Facts;
  /** How many problems follow from those that are listed. */
  hidden: number;
  /** What the server said when it refused. */
  message?: string;
  /** Grows when somebody asks for another look. */
  asked: number;
}

export interface CheckStore extends StoreApi<CheckState> {
  /** Checks though nothing changed: a model may have been put in place meanwhile. */
  again(): void;
}

export const NO_PROBLEMS: readonly Problem[] = [];

export function createCheck(): CheckStore {
  const store = createStore<CheckState>(() => ({
    status: "unknown",
    problems: NO_PROBLEMS,
    byNode: {},
    facts: {},
    hidden: 0,
    asked: 0,
  }));
  return { ...store, again: () => store.setState(({ asked }) => ({ asked: asked + 1 })) };
}

export type Answer = Pick<CheckState, "problems" | "facts" | "hidden">;

/** Takes an answer in; what did not change stays the object it was, so that only nodes with news are drawn again. */
export function answered(before: CheckState, answer: Answer): Omit<CheckState, "status" | "asked"> {
  const found = byNode(answer.problems);
  return {
    problems: answer.problems,
    byNode: mapValues(found, (problems, node) => same(before.byNode[node], problems)),
    facts: mapValues(answer.facts, (facts, output) => same(before.facts[output], facts)),
    hidden: answer.hidden,
    message: undefined,
  };
}

export function byNode(problems: readonly Problem[]): Record<string, readonly Problem[]> {
  const found: Record<string, Problem[]> = {};
  for (const problem of problems) (found[problem.step] ??= []).push(problem);
  return found;
}

function same<T>(before: T | undefined, now: T): T {
  return before !== undefined && JSON.stringify(before) === JSON.stringify(now) ? before : now;
}

function mapValues<T>(record: Readonly<Record<string, T>>, map: (value: T, key: string) => T): Record<string, T> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value, key)]));
}
