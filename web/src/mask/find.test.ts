import { describe, expect, it } from "vitest";
import { type NodeSpec } from "../catalog/spec";
import { type WorkflowFile } from "../document/model";
import { addressOf, findTask } from "./find";

function loader(type: string, output: string): NodeSpec {
  const file = { name: "file", description: "", schema: { "x-file": "inputs" }, required: true, default: undefined };
  return { type, version: 1, summary: "", description: "", category: "", effect: false, inputs: [], settings: [file], outputs: [{ name: "out", type: output }] };
}

const specs: Record<string, NodeSpec> = { LoadImage: loader("LoadImage", "Image"), LoadMask: loader("LoadMask", "Mask") };
const specOf = (type: string): NodeSpec | undefined => specs[type];

const file: WorkflowFile = {
  format: "latentgraph/1",
  nodes: {
    photo: { type: "LoadImage", inputs: { file: "inputs/a scene.png" } },
    hole: { type: "LoadMask", inputs: { file: { name: "inputs/mask.png", sha256: "00" } } },
    cut: { type: "MaskImage", inputs: { image: { link: "photo.out" }, mask: { link: "hole.out" } } },
    alone: { type: "LoadImage", inputs: { file: "x.png" } },
  },
};

describe("what is painted", () => {
  const task = { node: "hole", input: "file", mask: "/api/v1/inputs/inputs/mask.png", picture: "/api/v1/inputs/inputs/a%20scene.png" };
  it("is the mask over the picture it meets", () => expect(findTask(file, "hole", specOf)).toEqual(task));
  it("is the same seen from the picture", () => expect(findTask(file, "photo", specOf)).toEqual(task));
  it("is nothing where no mask is wired", () => expect(findTask(file, "alone", specOf)).toBeUndefined());
  it("is nothing on other nodes", () => expect(findTask(file, "cut", specOf)).toBeUndefined());
  it("has no address without a name", () => expect(addressOf("")).toBeUndefined());
});
