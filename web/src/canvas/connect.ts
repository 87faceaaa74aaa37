/** Which wires may be, and what speaks against one: the same rules as the engine's check, said before. */

import { linkTypeOf } from "../catalog/settings";
import { type NodeSpec } from "../catalog/spec";
import { type Endpoint, type WorkflowFile, linksIn, parseLink } from "../document/model";
import { above } from "../document/reach";

export type Specs = Record<string, NodeSpec>;

export type Refusal =
  | { key: "canvas.refused.type"; values: { got: string; expected: string } }
  | { key: "canvas.refused.cycle"; values: { node: string } };

/** A letter such as `T` stands for any type: `undefined` goes with everything. */
export function outputType(file: WorkflowFile, specs: Specs, { node, port }: Endpoint, depth = 0): string | undefined {
  const entry = file.nodes[node];
  const spec = specs[entry?.type ?? ""];
  const type = spec?.outputs.find(({ name }) => name === port)?.type;
  const twins = spec?.inputs.filter((input) => input.variable && input.type === type) ?? [];
  if (type === undefined || twins.length === 0 || depth > 50) return twins.length > 0 ? undefined : type;
  const links = twins.flatMap(({ name }) => linksIn(entry?.inputs?.[name]));
  return links.map(({ link }) => outputType(file, specs, parseLink(link), depth + 1)).find((found) => found !== undefined);
}

export function inputType(file: WorkflowFile, specs: Specs, { node, port }: Endpoint): string | undefined {
  const spec = specs[file.nodes[node]?.type ?? ""];
  const input = spec?.inputs.find(({ name }) => name === port);
  if (input?.variable) return twinType(file, specs, node, input.type, port);
  if (input) return input.type;
  const setting = spec?.settings.find(({ name }) => name === port);
  return setting && linkTypeOf(setting);
}

export function refusal(file: WorkflowFile, specs: Specs, source: Endpoint, target: Endpoint): Refusal | undefined {
  const got = outputType(file, specs, source);
  const expected = inputType(file, specs, target);
  if (!fits(got, expected)) return { key: "canvas.refused.type", values: { got: got ?? "", expected: expected ?? "" } };
  if (above(file, [source.node]).has(target.node)) return { key: "canvas.refused.cycle", values: { node: target.node } };
  return undefined;
}

export function fits(got: string | undefined, expected: string | undefined): boolean {
  if (got === undefined || expected === undefined || got === expected) return true;
  return got === "int" && expected === "float";
}

export function takesMany(specs: Specs, file: WorkflowFile, { node, port }: Endpoint): boolean {
  return specs[file.nodes[node]?.type ?? ""]?.inputs.find(({ name }) => name === port)?.many ?? false;
}

/** The type that the other inputs with the same letter have already. */
function twinType(file: WorkflowFile, specs: Specs, node: string, letter: string, port: string): string | undefined {
  const entry = file.nodes[node];
  const twins = specs[entry?.type ?? ""]?.inputs.filter(({ name, type }) => type === letter && name !== port) ?? [];
  const links = twins.flatMap(({ name }) => linksIn(entry?.inputs?.[name]));
  return links.map(({ link }) => outputType(file, specs, parseLink(link))).find((found) => found !== undefined);
}
