import { describe, expect, it } from "vitest";
import { type RunFigures, type ServerEvent } from "../api/events";
import { secondsLeft } from "./eta";
import { follow } from "./follow";
import { reduce, withPreview, withRuns } from "./reduce";
import { NO_RUNS, type RunState } from "./store";
import { storySteps } from "./story";

const place = { epoch: "e", seq: 1 };

function figures(id: string, state: string, more: object = {}): RunFigures {
  return {
    id, state, name: "inpaint", priority: 0, attempt: 1, created: 1, started: state === "queued" ? null : 2, finished: null,
    problems: [], message: "", artifacts: [], counts: {}, failures: {}, ...more,
  } as unknown as RunFigures;
}

function told(state: RunState, ...events: object[]): RunState {
  return events.reduce<RunState>((now, event) => reduce(now, { ...place, ...event } as ServerEvent, 1000), state);
}

const following = follow(NO_RUNS, "inpaint");
const running = told(
  following,
  { event: "run-changed", run: "1", details: figures("1", "running") },
  { event: "run-started", run: "1", steps: 3, cached: 1 },
  { event: "step-done", run: "1", step: "load", type: "LoadModel", cached: true, seconds: 0, files: [] },
  { event: "step-started", run: "1", step: "denoise", type: "D", reason: "depends on load", expected: 4 },
  { event: "step-progress", run: "1", step: "denoise", done: 2, total: 8, figures: { loss: 0.123456 } },
);

describe("the state of runs", () => {
  it("says how far each node is", () => {
    expect(running.current).toBe("1");
    expect(running.steps["load"]?.status).toBe("cached");
    expect(running.steps["denoise"]).toMatchObject({
      status: "running", reason: "depends on load", expected: 4, progress: { done: 2, total: 8, text: "2 / 8  loss 0.1235" },
    });
  });

  it("keeps the seconds and the reason of a step, and its last preview", () => {
    const shown = withPreview(running, "1", "denoise", "blob:1");
    const done = told(shown, { event: "step-done", run: "1", step: "denoise", type: "D", cached: false, seconds: 3, files: [] });
    expect(done.steps["denoise"]).toMatchObject({ status: "done", seconds: 3, reason: "depends on load", previewUrl: "blob:1" });
    expect(done.steps["denoise"]?.progress).toBeUndefined();
  });

  it("shows what a saving step has saved as soon as the run tells its address", () => {
    const saved = told(
      running,
      { event: "step-done", run: "1", step: "save", type: "S", cached: false, seconds: 0, files: ["a_1.png"] },
      { event: "run-ended", run: "1", details: figures("1", "done", { artifacts: [{ id: "1-0", name: "sub/a_1.png", href: "/x" }] }) },
    );
    expect(saved.steps["save"]?.previewUrl).toBe("/x");
    expect(saved.steps["denoise"]?.status).toBe("idle");
  });

  it("tells which node failed and which were skipped", () => {
    const failed = told(
      running,
      { event: "step-failed", run: "1", step: "denoise", type: "D", message: "out of memory", kind: "memory" },
      { event: "step-skipped", run: "1", step: "decode", type: "D", by: "denoise" },
      { event: "run-ended", run: "1", details: figures("1", "failed", { failures: { denoise: "out of memory" } }) },
    );
    expect(failed.steps["denoise"]).toMatchObject({ status: "failed", error: { message: "out of memory" } });
    expect(failed.steps["decode"]).toMatchObject({ status: "skipped", reason: "denoise" });
  });

  it("puts what the check found on its node", () => {
    const problems = [{ step: "x", message: "no such type", fix: "use y", severity: "error" }];
    const refused = told(following, { event: "run-ended", run: "3", details: figures("3", "failed", { problems }) });
    expect(refused.steps["x"]?.error).toEqual({ message: "no such type", fix: "use y" });
  });

  it("forgets an attempt that died: after a new snapshot only what follows is true", () => {
    const back = told(running, { event: "snapshot", runs: [figures("1", "queued", { attempt: 1 })], queue: { paused: false, queued: 1, running: 0 } });
    expect(back.steps).toEqual({});
    const again = told(back, { event: "run-changed", run: "1", details: figures("1", "running", { attempt: 2 }) }, { event: "run-started", run: "1", steps: 3, cached: 2 });
    expect(again.queue).toEqual({ paused: false, queued: 0, running: 1 });
    expect(again.runs["1"]?.attempt).toBe(2);
  });

  it("counts nothing twice when it hears an event twice", () => {
    const queued = { event: "run-changed", run: "4", details: figures("4", "queued") };
    expect(told(following, queued, queued).queue.queued).toBe(1);
  });

  it("lets what was handed in wait until it is told of, and only as long as the run has not ended", () => {
    const asked = told({ ...following, asked: { "1": ["load", "save"] } }, { event: "run-changed", run: "1", details: figures("1", "running") });
    expect(asked.steps["save"]?.status).toBe("waiting");
    const over = told(asked, { event: "run-ended", run: "1", details: figures("1", "cancelled") });
    expect(over.steps["save"]).toBeUndefined();
  });

  it("draws the run in hand, not the one that waits, and each workflow its own", () => {
    const two = told(running, { event: "run-changed", run: "2", details: figures("2", "queued") }, { event: "run-changed", run: "3", details: figures("3", "running", { name: "other" }) });
    expect(two.current).toBe("1");
    expect(two.order).toEqual(["3", "2", "1"]);
    expect(follow(two, "other").current).toBe("3");
    expect(follow(two, undefined).steps).toEqual({});
  });

  it("leaves nodes alone that an event is not about", () => {
    const next = told(running, { event: "step-progress", run: "1", step: "denoise", done: 3, total: 8, figures: {} });
    expect(next.steps["load"]).toBe(running.steps["load"]);
  });

  it("changes nothing at a kind of event it does not know", () => {
    expect(told(running, { event: "of-the-future" })).toBe(running);
  });
});

describe("a run from before this page", () => {
  const run = figures("9", "done", { counts: { computed: 1, cached: 2 } });
  const before = withRuns({ ...following, asked: { "9": ["a", "b", "c"] } }, [run]);
  const summary = before.runs["9"];
  const events = [{ event: "step-done" as const, run: "9", step: "c", type: "T", cached: false, seconds: 2, files: [] }];

  it("tells its steps from its story; what is only counted was cached if that is all", () => {
    const after = summary && storySteps(before, summary, events);
    expect(after?.steps).toMatchObject({ a: { status: "cached" }, b: { status: "cached" }, c: { status: "done", seconds: 2 } });
  });

  it("guesses nothing when the counts do not say which were cached", () => {
    const after = summary && storySteps(before, { ...summary, counts: { cached: 1 } }, events);
    expect(after?.steps["a"]).toBeUndefined();
  });
});

describe("the estimate", () => {
  it("goes by the pace of a step that tells how far it is", () => {
    expect(secondsLeft(running.steps, undefined, 3000)).toBeCloseTo(6);
  });
  it("adds what the steps ahead took before", () => {
    expect(secondsLeft(running.steps, { load: { reason: "", seconds: 50 }, decode: { reason: "", seconds: 2 } }, 3000)).toBeCloseTo(8);
  });
  it("says nothing when nothing is known", () => {
    expect(secondsLeft({}, undefined, 0)).toBeUndefined();
  });
});
