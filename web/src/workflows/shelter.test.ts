import { describe, expect, it } from "vitest";
import { emptyFile } from "../document/model";
import { createTabs, isDirty } from "../document/tabs";
import { readText } from "../document/text";
import { type KeptWindow, type Shelf, choose, keptTabs, restore, takeShelter } from "./shelter";

const TEXT = '{"format": "latentgraph/1", "nodes": {"a": {"type": "T", "strength": 3.0}}}';

function memory(...kept: KeptWindow[]): Shelf & { kept: Map<string, KeptWindow> } {
  const map = new Map(kept.map((one) => [one.window, one]));
  return {
    kept: map,
    all: async () => [...map.values()],
    put: async (one) => void map.set(one.window, one),
    remove: async (window) => void map.delete(window),
  };
}

function kept(window: string, at: number, dirty = true): KeptWindow {
  return { window, at, active: "t", tabs: [{ id: "t", text: TEXT, dirty }] };
}

describe("what is kept", () => {
  it("comes back as it was: names, unsaved changes, the tab in front, untouched bytes", () => {
    const tabs = createTabs();
    const read = readText(TEXT);
    const one = tabs.open({ ...read, name: "one", etag: "e" });
    one.document.apply({ label: "x", do: (file) => ({ ...file, meta: { title: "x" } }) });
    tabs.open({ ...read, name: "two", etag: "f" });
    tabs.activate(one.id);

    const back = createTabs();
    restore(back, { window: "w", at: 0, active: one.id, tabs: keptTabs(tabs) });
    const [first, second] = back.getState().tabs;

    expect(back.current().id).toBe(one.id);
    expect(first && isDirty(first, first.document.getState().revision)).toBe(true);
    expect(second && isDirty(second, second.document.getState().revision)).toBe(false);
    expect(keptTabs(back)).toEqual(keptTabs(tabs));
    expect(first?.source?.text).toBe(TEXT);
  });
  it("passes over what can no longer be read", () => {
    const back = createTabs();
    restore(back, { ...kept("w", 0), tabs: [{ id: "x", text: "{", dirty: true }, { id: "t", text: TEXT, dirty: true }] });
    expect(back.current().id).toBe("t");
  });
});

describe("a window", () => {
  const none = new Set<string>();
  it("gets its own back", () => expect(choose([kept("a", 1), kept("b", 2)], "a", none)?.window).toBe("a"));
  it("gets the newest of those that have gone", () => expect(choose([kept("a", 1), kept("b", 2)], "new", none)?.window).toBe("b"));
  it("takes nothing from one that is there", () => expect(choose([kept("a", 1), kept("b", 2)], "new", new Set(["b"]))?.window).toBe("a"));
  it("leaves what was never worked on", () => expect(choose([kept("a", 1, false)], "new", none)).toBeUndefined());
  it("takes over what it found, and what is old goes", async () => {
    const shelf = memory(kept("gone", 40e9), kept("old", 1));
    const tabs = createTabs();
    const { found, shelter } = await takeShelter(tabs, shelf, "new", none, () => 40e9 + 1);
    shelter.close();
    expect(found?.window).toBe("gone");
    expect([...shelf.kept.keys()]).toEqual(["new"]);
    expect(tabs.current().document.getState().file.nodes["a"]?.type).toBe("T");
  });
  it("works without a shelf", async () => {
    const broken: Shelf = { all: () => Promise.reject(new Error("no")), put: () => Promise.reject(new Error("no")), remove: () => Promise.reject(new Error("no")) };
    const tabs = createTabs();
    const { shelter } = await takeShelter(tabs, broken, "w", none);
    tabs.open({ file: emptyFile() });
    await shelter.flush();
    shelter.close();
  });
});
