import { describe, expect, it } from "vitest";
import { type WorkflowFile } from "../document/model";
import { cutTo } from "./cut";
import { asFixed, drawSeeds, policyOf } from "./seeds";

function file(seed: number, policy?: string): WorkflowFile {
  return {
    format: "latentgraph/1",
    parameters: { seed: "denoise.seed", prompt: "words.prompt" },
    nodes: {
      words: { type: "CrossAttnCondition", inputs: { prompt: "a" } },
      "the.noise": { type: "NoiseSource", inputs: { seed: { link: "words.seed" } } },
      denoise: { type: "UNetDenoise", inputs: { seed, cond: { link: "words.conditioning" } } },
      save: { type: "SaveImage", inputs: { image: { link: "denoise.image" } } },
    },
    layout: { seeds: { ...(policy && { "denoise.seed": policy }), "the.noise.seed": "random", "gone.seed": "random" } },
  };
}

const drawn = (given: WorkflowFile, random = 0.5): unknown =>
  drawSeeds(given, "draw", () => random)?.do(given).nodes["denoise"]?.inputs?.["seed"];

describe("seeds", () => {
  it("stay when they are fixed, which is what they are unless said otherwise", () => {
    expect(drawSeeds(file(8), "draw")).toBeUndefined();
    expect(policyOf(file(8, "whatever"), "denoise", "seed")).toBe("fixed");
  });
  it("count on, and begin again at the largest", () => {
    expect(drawn(file(8, "increment"))).toBe(9);
    expect(drawn(file(Number.MAX_SAFE_INTEGER, "increment"))).toBe(0);
  });
  it("are drawn anew as whole numbers", () => {
    expect(drawn(file(8, "random"))).toBe(2 ** 31);
  });
  it("that come over a wire or belong to no node are left alone", () => {
    const given = file(8, "random");
    const after = drawSeeds(given, "draw")?.do(given);
    expect(after?.nodes["the.noise"]).toBe(given.nodes["the.noise"]);
    expect(after?.nodes["gone"]).toBeUndefined();
  });
  it("are all fixed in what reproduces a run", () => {
    expect(drawSeeds(asFixed(file(8, "random")), "draw")).toBeUndefined();
  });
});

describe("running to a node", () => {
  it("takes the node and what it needs, and the parameters of those", () => {
    const cut = cutTo(file(8), ["denoise"]);
    expect(Object.keys(cut.nodes)).toEqual(["words", "denoise"]);
    expect(Object.keys(cutTo(file(8), ["words"]).parameters ?? {})).toEqual(["prompt"]);
  });
});
