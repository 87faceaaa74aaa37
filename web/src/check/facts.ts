/** What is known of a value before it is computed, in few words: `4ch f8`, `512×768`. */

import { type Json, type JsonObject } from "../document/model";

/** By `node.output`. */
export type Facts = Readonly<Record<string, JsonObject>>;

/** Facts short enough for a socket, in the order they are told; the rest is left to the full list. */
const SHORT: readonly ((facts: JsonObject) => string | false)[] = [
  ({ c, channels }) => isNumber(channels ?? c) && `${String(channels ?? c)}ch`,
  ({ f }) => isNumber(f) && `f${f}`,
  ({ w, h }) => isNumber(w) && isNumber(h) && `${w}×${h}`,
  ({ width, c }) => c === undefined && isNumber(width) && `${width}d`,
  ({ first, last }) => isNumber(first) && isNumber(last) && `${last - first} steps`,
  ({ n }) => isNumber(n) && n > 1 && `×${n}`,
  ({ prediction }) => typeof prediction === "string" && prediction,
];

export function shortFacts(facts: JsonObject | undefined): string {
  if (!facts) return "";
  return SHORT.map((word) => word(facts)).filter(Boolean).join(" ");
}

/** All of them, for a tooltip. */
export function allFacts(facts: JsonObject | undefined): string {
  return Object.entries(facts ?? {})
    .map(([name, value]) => `${name}: ${factText(value)}`)
    .join("\n");
}

const UNITS: readonly [number, string][] = [
  [1e9, "G"],
  [1e6, "M"],
];

/** One fact as text; large counts get a unit, so that 10863556 reads as 10.9 M. */
export function factText(value: Json | undefined): string {
  if (!isNumber(value)) return typeof value === "string" ? value : JSON.stringify(value);
  const unit = UNITS.find(([least]) => value >= least);
  return unit ? `${(value / unit[0]).toFixed(1)} ${unit[1]}` : String(value);
}

function isNumber(value: Json | undefined): value is number {
  return typeof value === "number";
}
