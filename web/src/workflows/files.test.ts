import { beforeEach, describe, expect, it } from "vitest";
import { emptyFile } from "../document/model";
import { type TabsStore, createTabs, isDirty } from "../document/tabs";
import { Files, type Keeper } from "./files";

const text = (seed: number): string =>
  `${JSON.stringify({ format: "latentgraph/1", nodes: { a: { type: "T", inputs: { seed } } } }, null, 2)}\n`;

class Memory implements Keeper {
  readonly kept = new Map<string, string>();
  async read(name: string) {
    return { text: this.kept.get(name) ?? "", etag: this.tag(name) };
  }
  async write(name: string, written: string, etag: string | undefined) {
    const there = this.kept.has(name) ? this.tag(name) : undefined;
    if (there !== etag) return { kind: "conflict" as const, theirs: this.kept.has(name) ? await this.read(name) : undefined };
    this.kept.set(name, written);
    return { kind: "saved" as const, etag: this.tag(name) };
  }
  async remove(name: string) {
    this.kept.delete(name);
  }
  private tag(name: string): string {
    return `etag of ${this.kept.get(name)}`;
  }
}

let keeper: Memory;
let tabs: TabsStore;
let files: Files;

const front = () => tabs.current();
const dirty = (): boolean => isDirty(front(), front().document.getState().revision);
function setSeed(seed: number): void {
  front().document.apply({ label: "seed", do: (file) => ({ ...file, nodes: { a: { type: "T", inputs: { seed } } } }) });
}

beforeEach(async () => {
  keeper = new Memory();
  keeper.kept.set("one", text(1));
  tabs = createTabs();
  files = new Files(tabs, keeper);
  await files.open("one");
});

describe("saving", () => {
  it("writes what was opened byte for byte when nothing was changed", async () => {
    expect(await files.save(front().id)).toBe(true);
    expect(keeper.kept.get("one")).toBe(text(1));
  });
  it("changes only what was changed, and the tab is clean", async () => {
    setSeed(5);
    expect(dirty()).toBe(true);
    await files.save(front().id);
    expect(keeper.kept.get("one")).toBe(text(5));
    expect(dirty()).toBe(false);
  });
  it("asks for a name where there is none", async () => {
    const tab = tabs.open({ file: { ...emptyFile(), nodes: { a: { type: "T" } } } });
    expect(await files.save(tab.id)).toBe(false);
    expect(files.store.getState().question).toEqual({ kind: "name", tab: tab.id });
    expect(await files.saveAs(tab.id, "new")).toBe(true);
    expect(front().name).toBe("new");
  });
  it("never takes the place of another workflow unseen", async () => {
    keeper.kept.set("two", text(2));
    expect(await files.saveAs(front().id, "two")).toBe(false);
    expect(files.store.getState().question).toMatchObject({ kind: "conflict", name: "two" });
    expect(keeper.kept.get("two")).toBe(text(2));
  });
  it("renames by saving first and removing then", async () => {
    expect(await files.rename(front().id, "other")).toBe(true);
    expect([...keeper.kept.keys()]).toEqual(["other"]);
  });
});

describe("when it was changed elsewhere", () => {
  beforeEach(async () => {
    keeper.kept.set("one", text(9));
    setSeed(5);
    await files.save(front().id);
  });
  it("asks, and nothing is written", () => {
    expect(files.store.getState().question).toMatchObject({ kind: "conflict", theirs: { text: text(9) } });
    expect(keeper.kept.get("one")).toBe(text(9));
  });
  it("keeps mine", async () => {
    expect(await files.keepMine()).toBe(true);
    expect(keeper.kept.get("one")).toBe(text(5));
  });
  it("keeps theirs, and mine is one undo away", () => {
    files.keepTheirs("take theirs");
    expect(front().document.getState().file.nodes["a"]?.inputs?.["seed"]).toBe(9);
    expect(dirty()).toBe(false);
    front().document.undo();
    expect(front().document.getState().file.nodes["a"]?.inputs?.["seed"]).toBe(5);
  });
  it("keeps both", async () => {
    await files.keepBoth((name) => keeper.kept.has(name));
    expect(keeper.kept.get("one")).toBe(text(9));
    expect(keeper.kept.get("one_mine")).toBe(text(5));
    expect(front().name).toBe("one_mine");
  });
  it("can be changed once more while the question stands", async () => {
    keeper.kept.set("one", text(10));
    expect(await files.keepMine()).toBe(false);
    expect(files.store.getState().question).toMatchObject({ theirs: { text: text(10) } });
  });
});

it("takes the same bytes for saved: an answer that was lost is no conflict", async () => {
  setSeed(5);
  keeper.kept.set("one", text(5));
  expect(await files.save(front().id)).toBe(true);
});

it("brings an unsaved tab back after it was closed", () => {
  setSeed(5);
  files.close(front().id);
  expect(front().name).toBeUndefined();
  files.reopen();
  expect(front().name).toBe("one");
  expect(dirty()).toBe(true);
});

it("shows at once what another window saved, unless there is work here", async () => {
  keeper.kept.set("one", text(7));
  await files.savedElsewhere("one", "saved elsewhere");
  expect(front().document.getState().file.nodes["a"]?.inputs?.["seed"]).toBe(7);
  expect(dirty()).toBe(false);
  setSeed(8);
  await files.savedElsewhere("one", "saved elsewhere");
  expect(files.store.getState().elsewhere[front().id]).toBe("saved");
});
