import { describe, expect, it } from "vitest";
import { type RunSummary } from "../run/store";
import { prioritiesAt, waitingRuns } from "./order";

const line = (...priorities: number[]): RunSummary[] => priorities.map((priority, at) => ({ id: String(at + 1), priority, state: "queued" }) as RunSummary);

function after(runs: readonly RunSummary[], id: string, to: number): string {
  const given = new Map(prioritiesAt(runs, id, to));
  const all = Object.fromEntries(runs.map((run) => [run.id, { ...run, priority: given.get(run.id) ?? run.priority }]));
  return waitingRuns({ runs: all, order: Object.keys(all) })
    .map((run) => run.id)
    .join("");
}

describe("putting a run elsewhere among those that wait", () => {
  it("does it from everywhere to everywhere", () => {
    for (const runs of [line(0, 0, 0, 0, 0), line(9, 3, 3, 0, -5), line(4, 3, 2, 1, 0)]) {
      for (const { id } of runs) {
        for (let to = 0; to < runs.length; to += 1) {
          const rest = runs.map((run) => run.id).filter((other) => other !== id);
          expect(after(runs, id, to)).toBe(rest.toSpliced(to, 0, id).join(""));
        }
      }
    }
  });

  it("touches one run at the ends, and as few as can be between", () => {
    const runs = line(0, 0, 0, 0, 0, 0);
    expect(prioritiesAt(runs, "6", 0)).toEqual([["6", 1]]);
    expect(prioritiesAt(runs, "1", 5)).toEqual([["1", -1]]);
    expect(prioritiesAt(runs, "6", 1)).toHaveLength(2);
    expect(prioritiesAt(runs, "3", 2)).toEqual([]);
  });
});
