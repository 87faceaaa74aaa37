import { readFileSync } from "node:fs";
import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { ApiProblem, type Fix, type Problem } from "../api/client";
import { type WorkflowFile } from "../document/model";
import { createDocument } from "../document/store";
import { createTabs } from "../document/tabs";
import { createRunStore } from "../run/store";
import { applyFix } from "./apply-fix";
import { factText, shortFacts } from "./facts";
import { problemText, severityOf, worst } from "./problem";
import { createCheck } from "./store";
import { type Watched, watchCheck } from "./watch";

function problem(step: string, more: Partial<Problem> = {}): Problem {
  return { code: "wrong-value", message: "0 is below the minimum 1", step, port: "", severity: "error", fix: "", fixes: [], ...more };
}

interface Case {
  name: string;
  before: WorkflowFile;
  edits: Fix["edits"];
  after: WorkflowFile;
}

/** Shared with `tests/engine/test_edits.py`: the page and the engine mend a document alike. */
const cases = JSON.parse(readFileSync(new URL("../../../tests/fixtures/edits.json", import.meta.url), "utf8")) as Case[];

describe("applying a fix", () => {
  it.each(cases)("$name", ({ before, edits, after }) => {
    const document = createDocument(before);
    document.apply(applyFix({ text: "use it", edits }));
    const { file } = document.getState();
    expect(file).toEqual(after);
    expect(JSON.stringify(file)).toBe(JSON.stringify(after)); // the order of keys too
    document.undo();
    expect(JSON.stringify(document.getState().file)).toBe(JSON.stringify(before));
  });

  it("leaves a document alone whose step is gone", () => {
    const document = createDocument({ format: "latentgraph/1", nodes: {} });
    const via = { type: "Resize", reads: "image", gives: "image", inputs: {} };
    document.apply(applyFix({ text: "x", edits: [{ step: "gone", input: "image", value: null, via }] }));
    expect(document.getState()).toMatchObject({ revision: 0, file: { nodes: {} } });
  });

  it("names the step in the undo menu and places what it adds", () => {
    const document = createDocument({
      format: "latentgraph/1",
      nodes: { a: { type: "LoadImage" }, b: { type: "Encode", inputs: { image: { link: "a.image" } } } },
      layout: { nodes: { a: [0, 0], b: [400, 0] } },
    });
    const via = { type: "Resize", reads: "image", gives: "image", inputs: { width: 512 } };
    document.apply(applyFix({ text: "resize it", edits: [{ step: "b", input: "image", value: null, via }] }));
    const { file, undoLabel } = document.getState();
    expect(undoLabel).toBe("resize it");
    expect(file.layout?.nodes?.["resize"]?.[0]).toBe(200);
  });
});

describe("telling problems apart", () => {
  it("an empty input is to do, not an error", () => {
    const empty = problem("a", { code: "missing-input" });
    expect(severityOf(empty)).toBe("incomplete");
    expect(worst([problem("a", { severity: "warning" }), empty])).toBe("incomplete");
    expect(worst([empty, problem("a")])).toBe("error");
    expect(worst([])).toBeUndefined();
  });

  it("says one as text", () => {
    expect(problemText(problem("a", { port: "b", because: ["c is 4"], fix: "use 1" }))).toBe(
      "a.b: 0 is below the minimum 1 (because c is 4); use 1",
    );
  });
});

describe("facts in few words", () => {
  it.each([
    [{ c: 4, f: 8, h: 64, w: 64, n: 1, space: "kl" }, "4ch f8 64×64"],
    [{ w: 512, h: 768, n: 4 }, "512×768 ×4"],
    [{ width: 768, n: 1, vector: "none" }, "768d"],
    [{ first: 0, last: 25 }, "25 steps"],
    [{ c: 4, width: 128, prediction: "eps" }, "4ch eps"],
    [{ kind: "kl" }, ""],
  ])("%j is %s", (facts, text) => expect(shortFacts(facts)).toBe(text));

  it("gives large counts a unit", () => {
    expect([factText(10_863_556), factText(192), factText("kl")]).toEqual(["10.9 M", "192", "kl"]);
  });
});

function watched(answer: (signal: AbortSignal) => Promise<unknown>) {
  const asked: { workflow: WorkflowFile; name?: string }[] = [];
  const signals: AbortSignal[] = [];
  const POST = (_: string, { body, signal }: { body: (typeof asked)[number]; signal: AbortSignal }) => {
    asked.push(body);
    signals.push(signal);
    return answer(signal);
  };
  const session = { tabs: createTabs(), check: createCheck(), run: createRunStore(), api: { POST } } as unknown as Watched;
  const rename = (value: string): void =>
    session.tabs.current().document.apply({ label: "x", do: (file) => ({ ...file, nodes: { [value]: { type: "A" } } }) });
  return { asked, signals, session, rename, stop: watchCheck(session) };
}

const fine = (problems: Problem[] = [], facts = {}): Promise<unknown> => Promise.resolve({ data: { ok: true, problems, hidden: 0, facts } });

describe("watching the document", () => {
  beforeEach(() => void vi.useFakeTimers());
  afterEach(() => void vi.useRealTimers());

  it("asks once after a burst of changes, with the tab's name", async () => {
    const { asked, session, rename } = watched(() => fine());
    await vi.advanceTimersByTimeAsync(1);
    session.tabs.update(session.tabs.current().id, { name: "mine" });
    for (const name of ["a", "b", "c"]) rename(name);
    await vi.advanceTimersByTimeAsync(300);
    expect(asked).toHaveLength(2);
    expect(asked[1]).toMatchObject({ name: "mine", workflow: { nodes: { c: {} } } });
  });

  it("asks nothing when a node is only moved", async () => {
    const { asked, session } = watched(() => fine());
    await vi.advanceTimersByTimeAsync(1);
    session.tabs.current().document.apply({ label: "move", do: (file) => ({ ...file, layout: { nodes: { a: [1, 1] } } }) });
    await vi.advanceTimersByTimeAsync(1000);
    expect(asked).toHaveLength(1);
  });

  it("lets the older question go", async () => {
    const late = new Promise((give) => setTimeout(() => give({ data: { problems: [problem("old")], facts: {}, hidden: 0 } }), 2000));
    let turn = 0;
    const { signals, session, rename } = watched(() => ((turn += 1) === 1 ? late : fine([problem("new")])));
    await vi.advanceTimersByTimeAsync(1);
    rename("a");
    await vi.advanceTimersByTimeAsync(3000);
    expect(signals[0]?.aborted).toBe(true);
    expect(Object.keys(session.check.getState().byNode)).toEqual(["new"]);
  });

  it("keeps what it knew while nobody answers, and asks again", async () => {
    let isUp = true;
    const { session, rename } = watched(() => (isUp ? fine([problem("a")]) : Promise.reject(new TypeError("no network"))));
    await vi.advanceTimersByTimeAsync(1);
    isUp = false;
    rename("b");
    await vi.advanceTimersByTimeAsync(300);
    expect(session.check.getState()).toMatchObject({ status: "unreachable", problems: [{ step: "a" }] });
    isUp = true;
    await vi.advanceTimersByTimeAsync(2500);
    expect(session.check.getState().status).toBe("done");
  });

  it("says what the server refused", async () => {
    const refusal = new ApiProblem(422, "", "no", "too many steps", [problem("a")]);
    const { session } = watched(() => Promise.reject(refusal));
    await vi.advanceTimersByTimeAsync(1);
    expect(session.check.getState()).toMatchObject({ status: "refused", message: "too many steps", byNode: { a: [{}] } });
  });

  it("gives nodes without news the same objects again", async () => {
    const { session, rename } = watched(() => fine([problem("a"), problem("b", { message: String(performance.now()) })], { "a.x": { c: 4 } }));
    await vi.advanceTimersByTimeAsync(1);
    const before = session.check.getState();
    rename("c");
    await vi.advanceTimersByTimeAsync(300);
    const now = session.check.getState();
    expect(now.byNode["a"]).toBe(before.byNode["a"]);
    expect(now.byNode["b"]).not.toBe(before.byNode["b"]);
    expect(now.facts["a.x"]).toBe(before.facts["a.x"]);
  });
});
