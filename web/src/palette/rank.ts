/** Finds nodes by what people type: every word must be somewhere, the title counts most. */

import { labelOf, titleOf } from "../catalog/names";
import { type NodeSpec } from "../catalog/spec";

export function rank(specs: readonly NodeSpec[], query: string): NodeSpec[] {
  const words = query.toLowerCase().split(/\s+/).filter(Boolean);
  if (words.length === 0) return [...specs];
  return specs
    .map((spec) => ({ spec, score: words.reduce((sum, word) => sum + scoreOf(spec, word), 0), hits: words.every((word) => scoreOf(spec, word) > 0) }))
    .filter(({ hits }) => hits)
    .toSorted((a, b) => b.score - a.score)
    .map(({ spec }) => spec);
}

function scoreOf(spec: NodeSpec, word: string): number {
  const title = titleOf(spec.type).toLowerCase();
  if (title.startsWith(word)) return 12;
  if (title.split(" ").some((part) => part.startsWith(word))) return 9;
  if (title.includes(word) || spec.type.toLowerCase().includes(word)) return 7;
  if (initials(title).startsWith(word)) return 6;
  if (spec.category.includes(word)) return 4;
  if (portsOf(spec).includes(word)) return 2;
  return spec.description.toLowerCase().includes(word) ? 1 : 0;
}

function initials(title: string): string {
  return title.split(" ").map(([first]) => first).join("");
}

function portsOf(spec: NodeSpec): string {
  return [...spec.inputs, ...spec.outputs, ...spec.settings].map(({ name }) => labelOf(name)).join(" ").toLowerCase();
}
