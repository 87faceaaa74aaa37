/** Seeds that change from run to run. The new one is drawn as a run is handed in, so the field shows the seed used. */

import { type Json, type WorkflowFile } from "../document/model";
import { type Command } from "../document/store";

export type SeedPolicy = "fixed" | "increment" | "random";

/** The largest whole number that JSON and JavaScript agree on. */
const LARGEST = Number.MAX_SAFE_INTEGER;

export function policyOf(file: WorkflowFile, node: string, input: string): SeedPolicy {
  const said = file.layout?.seeds?.[`${node}.${input}`];
  return said === "random" || said === "increment" ? said : "fixed";
}

/** The change that draws the next seeds; undefined where all are fixed. */
export function drawSeeds(file: WorkflowFile, label: string, random: () => number = cryptoRandom): Command | undefined {
  const drawn = Object.keys(file.layout?.seeds ?? {}).flatMap((place) => {
    const dot = place.lastIndexOf(".");
    const [node, input] = [place.slice(0, dot), place.slice(dot + 1)];
    const before = file.nodes[node]?.inputs?.[input];
    const policy = policyOf(file, node, input);
    // A wired seed is not ours to draw; a missing one is the node's default.
    if (policy === "fixed" || !file.nodes[node] || typeof before === "object") return [];
    return [{ node, input, seed: next(policy, before, random) }];
  });
  if (drawn.length === 0) return undefined;
  return { label, do: (now) => drawn.reduce((made, { node, input, seed }) => withInput(made, node, input, seed), now) };
}

/** Without policies: what reproduces a run must not draw new seeds (every seed stays the one that was used). */
export function asFixed(file: WorkflowFile): WorkflowFile {
  if (!file.layout?.seeds) return file;
  const { seeds: _policies, ...layout } = file.layout;
  return { ...file, layout };
}

function next(policy: "random" | "increment", before: Json | undefined, random: () => number): number {
  if (policy === "random") return Math.floor(random() * 2 ** 32);
  const seed = typeof before === "number" ? before : 0;
  return seed >= LARGEST ? 0 : seed + 1;
}

function withInput(file: WorkflowFile, node: string, input: string, value: number): WorkflowFile {
  const entry = file.nodes[node];
  if (!entry) return file;
  return { ...file, nodes: { ...file.nodes, [node]: { ...entry, inputs: { ...entry.inputs, [input]: value } } } };
}

function cryptoRandom(): number {
  return (crypto.getRandomValues(new Uint32Array(1))[0] ?? 0) / 2 ** 32;
}
