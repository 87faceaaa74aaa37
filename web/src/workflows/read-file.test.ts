import { describe, expect, it } from "vitest";
import { createDocument } from "../document/store";
import { FileRefusedError, type Refusal, isPlainPicture, readReceipt, readWorkflowFile } from "./read-file";
import { freeName, isName, nameFrom, runName, shownName, titleOf } from "./name";

const GRAPH = '{"format":"latentgraph/1","nodes":{"a":{"type":"T","future":1}}}';

function chunk(kind: string, data: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(12 + data.length);
  new DataView(bytes.buffer).setUint32(0, data.length);
  bytes.set(new TextEncoder().encode(kind), 4);
  bytes.set(data, 8);
  return bytes;
}

function text(keyword: string, value: string, compressed = 0): Uint8Array {
  return chunk("iTXt", new TextEncoder().encode(`${keyword}\0${String.fromCharCode(compressed)}\0\0\0${value}`));
}

function png(...chunks: Uint8Array[]): Uint8Array<ArrayBuffer> {
  const parts = [new Uint8Array([0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a]), chunk("IHDR", new Uint8Array(13)), ...chunks, chunk("IEND", new Uint8Array())];
  const bytes = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  parts.reduce((at, part) => (bytes.set(part, at), at + part.length), 0);
  return bytes;
}

const picture = (...chunks: Uint8Array[]): File => new File([png(...chunks)], "a.png", { type: "image/png" });
const json = (content: string): File => new File([content], "a.json", { type: "application/json" });

async function refusal(file: File): Promise<Refusal | undefined> {
  try {
    await readWorkflowFile(file);
    return undefined;
  } catch (error) {
    return error instanceof FileRefusedError ? error.refusal : undefined;
  }
}

describe("a dropped file", () => {
  it("is our JSON, kept whole", async () => {
    expect((await readWorkflowFile(json(GRAPH))).file.nodes["a"]).toEqual({ type: "T", future: 1 });
  });
  it("is a picture of ours with its workflow", async () => {
    const read = await readWorkflowFile(picture(text("Comment", "x"), text("latentgraph.workflow", GRAPH), text("latentgraph.run", "{}")));
    expect(Object.keys(read.file.nodes)).toEqual(["a"]);
  });
  it.each<[Refusal, File]>([
    ["no-workflow", picture()],
    ["no-workflow", new File(["\u00ff\u00d8"], "a.jpg", { type: "image/jpeg" })],
    ["foreign", picture(text("prompt", "{}"))],
    ["damaged", picture(text("latentgraph.workflow", GRAPH), text("latentgraph.workflow", GRAPH))],
    ["damaged", picture(text("latentgraph.workflow", GRAPH, 1))],
    ["damaged", new File([png(text("latentgraph.workflow", GRAPH)).slice(0, 90)], "cut.png")],
    ["too-large", picture(text("latentgraph.workflow", " ".repeat(4_000_001)))],
    ["damaged", json(`{"a":${"[".repeat(100)}${"]".repeat(100)}}`)],
    ["not-json", json('{"format":')],
    ["not-a-workflow", json('{"nodes":[]}')],
    ["not-a-workflow", json('{"last_node_id":3,"nodes":[],"links":[]}')],
    ["other-kind", json("<html>")],
  ])("is refused: %s", async (why, file) => {
    expect(await refusal(file)).toBe(why);
  });
  it("that is a plain picture may be wanted as an input", () => {
    expect(isPlainPicture(new FileRefusedError("no-workflow", "a"))).toBe(true);
    expect(isPlainPicture(new FileRefusedError("damaged", "a"))).toBe(false);
  });
  it("does not count brackets inside of strings", async () => {
    const brackets = JSON.stringify("[".repeat(200));
    expect(await refusal(json(GRAPH.replace("1}}}", `${brackets}}}}`)))).toBeUndefined();
  });
});

describe("a receipt", () => {
  it("tells seeds and numerics", () => {
    const run = JSON.stringify({ numerics: "float32", seeds: { "denoise.seed": 8, odd: "x" } });
    expect(readReceipt(png(text("latentgraph.workflow", GRAPH), text("latentgraph.run", run)))?.receipt).toEqual({ numerics: "float32", seeds: { "denoise.seed": 8 } });
  });
  it("is missing without a word from other pictures", () => {
    expect(readReceipt(png())).toBeUndefined();
    expect(readReceipt(new Uint8Array(3))).toBeUndefined();
  });
});

describe("names", () => {
  it.each(["inpaint", "shapes/내 그림", "a b"])("may be %s", (name) => expect(isName(name)).toBe(true));
  it.each(["", "a/b/c", "../x", "a/", " a", "a.", "x:y", "workflow.schema"])("may not be %j", (name) => expect(isName(name)).toBe(false));
  it("are made of titles, and free ones are found", () => {
    expect(nameFrom("Text to image!")).toBe("text_to_image");
    expect(nameFrom("?")).toBe("workflow");
    expect(freeName("a", (name) => ["a", "a_2"].includes(name))).toBe("a_3");
  });
  it("stay steady for the runs of what is not saved", () => {
    const document = createDocument({ format: "f", nodes: {}, meta: { title: "A/B" } });
    expect(runName({ id: "12345678-9", document })).toBe("A-B~12345678");
    expect(shownName("A-B~12345678")).toBe("A-B");
    expect(shownName("~12345678")).toBe("");
    expect(shownName("shapes/inpaint")).toBe("inpaint");
    expect(titleOf({ name: "shapes/x" }, { format: "f", nodes: {} }, "Untitled")).toBe("x");
    expect(titleOf({}, { format: "f", nodes: {}, meta: { title: "T" } }, "Untitled")).toBe("T");
  });
});
