import { expect, test } from "vitest";
import { type NodeSpec } from "../catalog/spec";
import { rank } from "./rank";

function spec(type: string, category: string, description: string): NodeSpec {
  return { type, category, description, summary: description, version: 1, effect: false, inputs: [], settings: [], outputs: [] };
}

const specs = [spec("UNetDenoise", "latent diffusion", "Walk from noise to a latent."), spec("EmptyLatent", "latent diffusion", "Zeros."), spec("NoiseSource", "latent diffusion", "Draws."), spec("LoadImage", "picture", "Read a file.")];
const found = (query: string): string[] => rank(specs, query).map(({ type }) => type);

test("the title counts most, then the category, then the text; every word must be there", () => {
  expect(found("noise")).toEqual(["NoiseSource", "UNetDenoise"]);
  expect(found("li")).toEqual(["LoadImage"]);
  expect(found("latent")).toEqual(["EmptyLatent", "UNetDenoise", "NoiseSource"]);
  expect(found("load picture")).toEqual(["LoadImage"]);
  expect(found("nothing of the kind")).toEqual([]);
  expect(found("")).toHaveLength(4);
});
