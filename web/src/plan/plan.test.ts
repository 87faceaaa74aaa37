import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type Problem } from "../api/client";
import { type WorkflowFile } from "../document/model";
import { createTabs } from "../document/tabs";
import { createRunStore } from "../run/store";
import { type Asking, askPlan } from "./ask";
import { createPlan } from "./store";
import { durationText, summarise } from "./summary";
import { type Watched, watchPlan } from "./watch";

const link = (text: string): { link: string } => ({ link: text });

/** load -> encode -> denoise -> save, and a step nobody needs. */
const FILE: WorkflowFile = {
  format: "latentgraph/1",
  parameters: { seed: "denoise.seed", name: "save.name" },
  nodes: {
    load: { type: "LoadImage" },
    encode: { type: "Encode", inputs: { image: link("load.image") } },
    denoise: { type: "UNetDenoise", inputs: { latent: link("encode.latent") } },
    save: { type: "SaveImage", inputs: { image: link("denoise.latent") } },
    idle: { type: "NoiseSchedule" },
  },
};

const said = (step: string, state: string, seconds: number | null = null) => ({ step, type: "", state, reason: "why", key: null, seconds });

function server(answer: (workflow: WorkflowFile) => object) {
  const asked: WorkflowFile[] = [];
  const POST = (_: string, { body }: { body: { workflow: WorkflowFile } }) => {
    asked.push(body.workflow);
    return Promise.resolve({ data: { ok: true, problems: [], steps: [], ...answer(body.workflow) } });
  };
  return { asked, asking: { api: { POST }, name: "x", signal: new AbortController().signal } as unknown as Asking };
}

const error = (step: string): Partial<Problem> => ({ code: "missing-input", message: "it is missing", step, port: "latent", severity: "error" });

const step = (state: "run" | "cached" | "may run", seconds: number | null) => ({ state, reason: "", seconds });

describe("asking for a plan", () => {
  it("takes what the engine says; what it leaves unsaid is muted", async () => {
    const { asking } = server(() => ({ steps: [said("load", "cached"), said("encode", "run", 2), said("idle", "unused")] }));
    const steps = await askPlan(FILE, asking);
    expect(steps["encode"]).toEqual({ state: "run", reason: "why", seconds: 2 });
    expect(steps["idle"]?.state).toBe("left out");
    expect(steps["save"]).toMatchObject({ state: "left out", reason: { key: "plan.muted" } });
  });

  it("blocks what reads from an error, and still plans the rest", async () => {
    const { asked, asking } = server((workflow) =>
      workflow.nodes["denoise"] ? { ok: false, problems: [error("denoise")] } : { steps: [said("load", "cached"), said("encode", "run")] },
    );
    const steps = await askPlan(FILE, asking);
    expect(steps["denoise"]).toMatchObject({ state: "blocked", reason: "latent: it is missing" });
    expect(steps["save"]).toMatchObject({ state: "blocked", reason: { key: "plan.waits", node: "denoise" } });
    expect(steps["encode"]?.state).toBe("run");
    expect(asked[1]?.parameters).toEqual({});
    expect(Object.keys(asked[1]?.nodes ?? {})).toEqual(["load", "encode", "idle"]);
  });

  it("a warning blocks nothing, and an error of the whole file blocks no node", async () => {
    const { asking } = server(() => ({ ok: false, problems: [{ ...error("denoise"), severity: "warning" }, error("")] }));
    expect(await askPlan(FILE, asking)).toEqual({});
  });
});

describe("the sum of a plan", () => {
  it("counts and adds up what runs", () => {
    const steps = { a: step("cached", 9), b: step("run", 1.5), c: step("may run", 2) };
    expect(summarise(steps)).toEqual({ counts: [["run", 1], ["may run", 1], ["cached", 1]], seconds: 3.5, isOpen: false });
    expect(summarise({ ...steps, d: step("run", null) }).isOpen).toBe(true);
  });

  it.each([[0.02, "<0.1 s"], [3.46, "3.5 s"], [42.4, "42 s"], [200, "3 min"]])("%d s is %s", (seconds, text) =>
    expect(durationText(seconds)).toBe(text),
  );
});

describe("watching", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("asks only while the plan is in sight, and again after a change or a run", async () => {
    const { asked, asking } = server(() => ({ steps: [said("load", "run")] }));
    const session = { api: asking.api, tabs: createTabs(), plan: createPlan(), run: createRunStore() } as unknown as Watched;
    const stop = watchPlan(session);
    const change = (): void => session.tabs.current().document.apply({ label: "x", do: () => ({ ...FILE, extra: Math.random() }) });
    change();
    await vi.advanceTimersByTimeAsync(1000);
    expect(asked).toHaveLength(0);
    session.plan.togglePin();
    await vi.advanceTimersByTimeAsync(10);
    change();
    await vi.advanceTimersByTimeAsync(1000);
    expect(asked).toHaveLength(2);
    const first = session.plan.getState().steps["load"];
    session.run.setState({ runs: { r: { id: "r", state: "done", name: "", priority: 0, attempt: 1, finished: 1, failures: {}, problems: [], counts: {}, artifacts: [] } } });
    await vi.advanceTimersByTimeAsync(1000);
    expect(asked).toHaveLength(3);
    expect(session.plan.getState().steps["load"]).toBe(first);
    session.plan.togglePin();
    change();
    await vi.advanceTimersByTimeAsync(1000);
    expect(asked).toHaveLength(3);
    stop();
  });
});
