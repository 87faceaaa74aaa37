import { readFileSync, readdirSync } from "node:fs";
import { expect, test } from "vitest";
import { type Change } from "./commands/change";
import { copyNodes, paste, readFragment, writeFragment } from "./commands/fragment";
import { connect, disconnect, setInput, setParameter } from "./commands/inputs";
import { addGroup, addNote, removeMarks } from "./commands/marks";
import { addNode, freshId, moveNodes, removeNodes, renameNode, setListed, setMode } from "./commands/nodes";
import { type WorkflowFile, wiresOf } from "./model";
import { createDocument } from "./store";
import { readText, writeText } from "./text";

const folder = new URL("../../../workflows/", import.meta.url);
const shipped = readdirSync(folder)
  .filter((name) => name.endsWith(".json") && !name.includes("schema"))
  .map((name) => readFileSync(new URL(name, folder), "utf8"));

/** A generator of chances that gives the same ones every time. */
function chances(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state ^ (state >>> 15), 2_246_822_519) + 3_266_489_917) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

function anyChange(file: WorkflowFile, chance: (below: number) => number): Change {
  const ids = Object.keys(file.nodes);
  const pick = (): string => ids[chance(ids.length)] ?? "none";
  const wires = wiresOf(file);
  const kinds: (() => Change)[] = [
    () => addNode(freshId("UNetDenoise", file.nodes), { type: "UNetDenoise", inputs: { steps: chance(99) } }, [chance(9), 3]),
    () => removeNodes([pick(), pick()]),
    () => renameNode(pick(), freshId("renamed", file.nodes)),
    () => moveNodes({ [pick()]: [chance(900), chance(900)] }),
    () => setInput(pick(), "seed", chance(2) ? chance(1000) : undefined),
    () => connect({ node: pick(), port: "image" }, { node: pick(), port: "image" }, chance(2) === 0),
    () => (wires.length > 0 ? disconnect(wires[chance(wires.length)]!) : (same) => same),
    () => (chance(2) ? setMode(chance(2) ? "mute" : undefined, [pick()]) : setListed(chance(2) ? "collapsed" : "expanded", [pick()], chance(2) === 0)),
    () => addGroup({ title: "group", bounds: [0, 0, chance(500), 9] }),
    () => addNote({ text: "note", bounds: [0, 0, 1, 1] }),
    () => removeMarks("notes", [0]),
    () => setParameter("seed", chance(2) ? `${pick()}.seed` : undefined),
    () => paste(file, copyNodes(file, [pick(), pick()], {}), [5, 5], chance(2) === 0).change,
  ];
  return kinds[chance(kinds.length)]!();
}

test("undoing any edits gives the same bytes back, and redoing them the same file", () => {
  for (const [at, text] of shipped.entries()) {
    const chance = chances(at + 1);
    const { file, source } = readText(text);
    const document = createDocument(file, () => chance(1_000_000_000));
    for (let edit = 0; edit < 200; edit += 1) {
      document.apply({ label: "edit", do: anyChange(document.getState().file, chance) });
    }
    const edited = JSON.stringify(document.getState().file);
    while (document.getState().undoLabel !== undefined) document.undo();
    expect(JSON.stringify(document.getState().file)).toBe(JSON.stringify(file));
    expect(writeText(document.getState().file, source)).toBe(text);
    while (document.getState().redoLabel !== undefined) document.redo();
    expect(JSON.stringify(document.getState().file)).toBe(edited);
  }
});

test("a change writes only what it changed: numbers, order and unknown keys stay as they stood", () => {
  const text = '{"format":"latentgraph/1","x-mine":[1.0, 2],\n  "nodes": {\n    "2": {"type": "Odd", "inputs": {"w": 3.0}},\n    "1": {"type": "B"}\n  }\n}\n';
  const { file, source } = readText(text);
  const next = setInput("1", "seed", 7)(file);
  const written = writeText(next, source);
  expect(JSON.parse(written)).toEqual(next);
  expect(written).toContain('"x-mine": [1.0, 2]');
  expect(written).toContain('{"type": "Odd", "inputs": {"w": 3.0}}');
  expect(written.indexOf('"2"')).toBeLessThan(written.indexOf('"1"'));
});

test("typing is one step back, and a pause begins the next", () => {
  let time = 0;
  const document = createDocument(readText(shipped[0]!).file, () => time);
  const [id] = Object.keys(document.getState().file.nodes);
  const type = (value: string): void => document.apply({ label: "set", gesture: "a", do: setInput(id!, "prompt", value) });
  for (const word of ["a", "ab", "abc"]) type(word);
  time = 5000;
  type("abcd");
  document.undo();
  expect(document.getState().file.nodes[id!]?.inputs?.["prompt"]).toBe("abc");
  document.undo();
  expect(document.getState().undoLabel).toBeUndefined();
});

test("a fragment survives as text, and pasting it gives new names to the nodes and their links", () => {
  const { file } = readText(shipped[0]!);
  const ids = Object.keys(file.nodes).slice(0, 3);
  const fragment = readFragment(writeFragment(copyNodes(file, ids, {})))!;
  const { change, ids: pasted } = paste(file, fragment, [0, 0], false);
  const after = change(file);
  expect(pasted).toHaveLength(3);
  expect(Object.keys(after.nodes)).toHaveLength(Object.keys(file.nodes).length + 3);
  const within = wiresOf(after).filter(({ target }) => pasted.includes(target.node));
  expect(within.every(({ source }) => pasted.includes(source.node))).toBe(true);
});
