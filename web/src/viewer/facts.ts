/** What a picture says of itself, as people ask for it: words, seed, model, steps. */

import { type Json, type WorkflowFile, isObject } from "../document/model";
import { type Receipt } from "../workflows/read-file";

export interface Fact {
  name: string;
  value: string;
  /** The node it is set on. */
  node: string;
}

const LONGEST = 400;

/** Settings that somebody chose: texts, numbers, files; links and empty texts say nothing here. */
export function factsOf(file: WorkflowFile, receipt: Receipt): Fact[] {
  const found = Object.entries(file.nodes).flatMap(([node, { inputs = {} }]) =>
    Object.entries(inputs).flatMap(([name, value]) => {
      const seed = receipt.seeds[`${node}.${name}`];
      const written = seed === undefined ? textOf(value) : String(seed);
      return written ? [{ name, value: written, node }] : [];
    }),
  );
  return found.toSorted((a, b) => rank(a.name) - rank(b.name));
}

const FIRST = ["prompt", "seed", "model", "steps", "guidance", "sampler", "file"];

function rank(name: string): number {
  const at = FIRST.indexOf(name);
  return at < 0 ? FIRST.length : at;
}

function textOf(value: Json | undefined): string {
  if (typeof value === "number" || typeof value === "boolean") return String(value);
  if (typeof value === "string") return value.length > LONGEST ? `${value.slice(0, LONGEST)}…` : value;
  return isObject(value) && typeof value["name"] === "string" ? value["name"] : "";
}
