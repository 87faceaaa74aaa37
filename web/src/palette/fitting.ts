import { fits } from "../canvas/connect";
import { type WireEnd } from "../canvas/store";
import { linkTypeOf } from "../catalog/settings";
import { type NodeSpec } from "../catalog/spec";

/** The node types that a wire from here could end at. */
export function fitting(specs: readonly NodeSpec[], from: WireEnd | undefined): readonly NodeSpec[] {
  return from ? specs.filter((spec) => portFor(spec, from) !== undefined) : specs;
}

/** The port of a new node that a wire from here would end at: required ones first. */
export function portFor(spec: NodeSpec, from: WireEnd): string | undefined {
  if (from.side === "in") return spec.outputs.find(({ type }) => isLetter(type) || fits(type, from.type))?.name;
  const inputs = spec.inputs.filter(({ type, variable }) => variable || fits(from.type, type));
  const input = inputs.find(({ optional }) => !optional) ?? inputs[0];
  return input?.name ?? spec.settings.find((setting) => linkTypeOf(setting) !== "" && fits(from.type, linkTypeOf(setting)))?.name;
}

function isLetter(type: string): boolean {
  return /^[A-Z]$/.test(type);
}
