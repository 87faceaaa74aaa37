/** What an outline offers to link or to add: the same rules as wiring by hand. */

import { fits, inputType, outputType, refusal } from "../canvas/connect";
import { linkTypeOf } from "../catalog/settings";
import { type NodeSpec } from "../catalog/spec";
import { type Endpoint, type Point, type WorkflowFile } from "../document/model";

export type Specs = Readonly<Record<string, NodeSpec>>;

/** An output that an input may read, nearest relatives first as the file has them. */
export function sourcesFor(file: WorkflowFile, specs: Specs, target: Endpoint): Endpoint[] {
  const expected = inputType(file, specs, target);
  if (expected === "") return []; // a setting that no link can take the place of
  return Object.entries(file.nodes).flatMap(([node, entry]) =>
    (specs[entry.type]?.outputs ?? [])
      .map(({ name }) => ({ node, port: name }))
      .filter((source) => refusal(file, specs, source, target) === undefined),
  );
}

export interface Follower {
  /** The output that is read, and the input of the new node that reads it. */
  source: Endpoint;
  spec: NodeSpec;
  port: string;
}

/** The node types that can read from a node, each by its first input that fits. */
export function followersOf(file: WorkflowFile, specs: Specs, node: string, output?: string): Follower[] {
  const outputs = (specs[file.nodes[node]?.type ?? ""]?.outputs ?? []).filter(({ name }) => output === undefined || name === output);
  return outputs.flatMap(({ name }) => {
    const source = { node, port: name };
    const type = outputType(file, specs, source);
    return Object.values(specs).flatMap((spec): Follower[] => {
      const port = firstInput(spec, type);
      return port === undefined ? [] : [{ source, spec, port }];
    });
  });
}

function firstInput(spec: NodeSpec, type: string | undefined): string | undefined {
  const port = spec.inputs.find((input) => input.variable || fits(type, input.type));
  // Numbers and texts may be linked to settings too.
  return port?.name ?? spec.settings.find((setting) => type !== undefined && type === linkTypeOf(setting))?.name;
}

const STEP: Point = [320, 176];
const CLOSE = 120;

/** To the right of a node, below what is there already. */
export function placeAfter(places: Readonly<Record<string, Point>>, node: string): Point {
  const [x, y] = places[node] ?? [0, 0];
  const right = Object.values(places).filter(([left]) => Math.abs(left - (x + STEP[0])) < STEP[0] / 2);
  let top = y;
  while (right.some((place) => Math.abs(place[1] - top) < CLOSE)) top += STEP[1];
  return [x + STEP[0], top];
}
