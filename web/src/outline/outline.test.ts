import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { readSpec } from "../catalog/spec";
import { type WorkflowFile } from "../document/model";
import { followersOf, placeAfter, sourcesFor } from "./candidates";
import { moveOf, rowsOf } from "./rows";
import { inOrder, outlineOf } from "./tree";

const inpaint = JSON.parse(readFileSync(new URL("../../../workflows/inpaint.json", import.meta.url), "utf8")) as WorkflowFile;

const port = (type: string, more: object = {}) => ({ "x-link": type, description: "", ...more });
const schemas = [
  { title: "LoadImage", properties: { file: { type: "string" } }, "x-outputs": { image: "Image" } },
  { title: "Encode", properties: { image: port("Image"), mask: port("Mask", { "x-optional": true }) }, "x-outputs": { latent: "Latent" } },
  { title: "Decode", properties: { latent: port("Latent") }, "x-outputs": { image: "Image" } },
  { title: "Save", properties: { image: port("Image"), name: { type: "string", default: "x" } }, "x-effect": true },
];
const specs = Object.fromEntries(schemas.map((schema) => readSpec({ $id: `${schema.title}@1`, ...schema })).map((spec) => [spec?.type ?? "", spec!]));

const link = (text: string): { link: string } => ({ link: text });
const FILE: WorkflowFile = {
  format: "latentgraph/1",
  nodes: {
    save: { type: "Save", inputs: { image: link("decode.image") } },
    decode: { type: "Decode", inputs: { latent: link("encode.latent") } },
    encode: { type: "Encode", inputs: { image: link("load.image"), odd: 3 } },
    load: { type: "LoadImage", inputs: { file: "a.png" } },
    mystery: { type: "FromElsewhere", inputs: { x: 1 } },
  },
};

describe("the order of the outline", () => {
  it("puts sources before what reads from them", () => {
    expect(inOrder(FILE)).toEqual(["load", "mystery", "encode", "decode", "save"]);
    const order = inOrder(inpaint);
    expect(order).toHaveLength(Object.keys(inpaint.nodes).length);
    expect(order.indexOf("encode")).toBeLessThan(order.indexOf("denoise"));
  });

  it("keeps the steps of a cycle, and links to nothing", () => {
    const file: WorkflowFile = {
      format: "latentgraph/1",
      nodes: { a: { type: "A", inputs: { x: link("b.y") } }, b: { type: "B", inputs: { x: link("a.y") } }, c: { type: "C", inputs: { x: link("gone.y") } } },
    };
    expect(inOrder(file)).toEqual(["c", "a", "b"]);
  });
});

describe("what a node's rows tell", () => {
  const nodes = outlineOf(FILE, specs);
  const node = (id: string) => nodes.find((item) => item.id === id);

  it("inputs: where they read from, what is missing, what the type does not know", () => {
    expect(node("encode")?.inputs).toMatchObject([
      { kind: "port", name: "image", sources: [{ node: "load", port: "image" }], missing: false },
      { kind: "port", name: "mask", sources: [], missing: false },
      { kind: "unknown", name: "odd", value: 3 },
    ]);
    expect(outlineOf({ ...FILE, nodes: { d: { type: "Decode" } } }, specs)[0]?.inputs).toMatchObject([{ missing: true }]);
  });

  it("outputs: who reads them", () => {
    expect(node("load")?.outputs).toEqual([{ name: "image", type: "Image", readers: [{ node: "encode", port: "image" }] }]);
  });

  it("a type nobody knows keeps its values", () => {
    expect(node("mystery")).toMatchObject({ inputs: [{ kind: "unknown", name: "x", value: 1 }], outputs: [] });
  });
});

describe("walking by keys", () => {
  const nodes = outlineOf(FILE, specs);

  it("goes down, opens, goes in and out again", () => {
    const shut = rowsOf(nodes, new Set());
    expect(moveOf(shut, "load", "ArrowDown")).toEqual({ to: "mystery" });
    expect(moveOf(shut, "load", "ArrowUp")).toBeUndefined();
    expect(moveOf(shut, "load", "ArrowRight")).toEqual({ open: "load" });
    const open = rowsOf(nodes, new Set(["load"]));
    const first = "load//input//file";
    expect(moveOf(open, "load", "ArrowRight")).toEqual({ to: first });
    expect(moveOf(open, first, "ArrowLeft")).toEqual({ to: "load" });
    expect(moveOf(open, "load", "ArrowLeft")).toEqual({ shut: "load" });
    expect(moveOf(open, first, "End")).toEqual({ to: "save" });
    expect(moveOf(open, "gone", "ArrowDown")).toEqual({ to: "load" });
  });

  it("does not go into what has nothing inside", () => {
    const rows = rowsOf([{ id: "n", type: "N", title: "n", mode: undefined, inputs: [], outputs: [] }], new Set(["n"]));
    expect(moveOf(rows, "n", "ArrowRight")).toBeUndefined();
  });
});

describe("what is offered", () => {
  it("outputs of the right type that make no circle", () => {
    expect(sourcesFor(FILE, specs, { node: "encode", port: "image" })).toEqual([{ node: "load", port: "image" }]);
    expect(sourcesFor(FILE, specs, { node: "save", port: "image" })).toEqual([
      { node: "decode", port: "image" },
      { node: "load", port: "image" },
    ]);
  });

  it("node types that can read the output", () => {
    expect(followersOf(FILE, specs, "encode").map(({ spec, port: input }) => [spec.type, input])).toEqual([["Decode", "latent"]]);
    expect(followersOf(FILE, specs, "save")).toEqual([]);
  });

  it("a place to the right that is free", () => {
    expect(placeAfter({ a: [0, 0] }, "a")).toEqual([320, 0]);
    expect(placeAfter({ a: [0, 0], b: [320, 20], c: [300, 176] }, "a")).toEqual([320, 352]);
  });
});
