import { expect, it } from "vitest";
import { policyOf } from "../widgets/seed";
import { asFixed } from "./seeds";

it("what reproduces a run has all its seeds fixed, and nothing else of its layout is lost", () => {
  const file = {
    format: "latentgraph/1",
    nodes: { denoise: { type: "UNetDenoise", inputs: { seed: 8 } } },
    layout: { seeds: { "denoise.seed": "random" }, nodes: { denoise: [1, 2] as [number, number] } },
  };
  expect(policyOf(file, "denoise", "seed")).toBe("random");
  expect(policyOf(asFixed(file), "denoise", "seed")).toBe("fixed");
  expect(asFixed(file)).toEqual({ ...file, layout: { nodes: { denoise: [1, 2] } } });
});
