/** A node that lies on a wire comes between: which wire that is, and whether the node can. */

import { type Change, chain } from "../document/commands/change";
import { connect, disconnect } from "../document/commands/inputs";
import { type Wire, type WorkflowFile, isLink, linkTo, linksIn, wiresOf } from "../document/model";
import { type Specs, fits, inputType, outputType, takesMany } from "./connect";
import { type GraphNodeType } from "./derive";

type Point = readonly [x: number, y: number];

/** Points of a wire that are looked at; nodes are larger than the gaps between them. */
const SAMPLES = 24;

/** Only what has no wire of its own yet is put between: anything else was merely moved. */
export function isLoose(file: WorkflowFile, node: string): boolean {
  const reads = Object.values(file.nodes[node]?.inputs ?? {}).some((value) => linksIn(value).length > 0);
  return !reads && !wiresOf(file).some(({ source }) => source.node === node);
}

/** What puts a node into a wire; nothing when it takes or gives something else. */
export function insertion(file: WorkflowFile, specs: Specs, node: string, wire: Wire): Change | undefined {
  const { source, target } = wire;
  const spec = specs[file.nodes[node]?.type ?? ""];
  if (!spec || source.node === node || target.node === node) return undefined;
  const carried = outputType(file, specs, source);
  const wanted = inputType(file, specs, target);
  const input = spec.inputs.find((port) => (port.variable || fits(carried, port.type)) && !isLink(file.nodes[node]?.inputs?.[port.name]));
  if (!input) return undefined;
  // What stands for any type gives what it takes.
  const output = spec.outputs.find(({ type }) => fits(input.variable && type === input.type ? carried : type, wanted));
  if (!output) return undefined;
  return chain([disconnect(wire), connect(source, { node, port: input.name }, input.many), connect({ node, port: output.name }, target, takesMany(specs, file, target))]);
}

/** The wire below a node that it can come into; the one nearest to its middle. */
export function wireBelow(file: WorkflowFile, specs: Specs, nodes: readonly GraphNodeType[], id: string, [left, top]: Point): Wire | undefined {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const own = byId.get(id)?.data.geometry;
  if (!own) return undefined;
  const middle: Point = [left + own.width / 2, top + own.height / 2];
  let best: { wire: Wire; distance: number } | undefined;
  for (const wire of wiresOf(file)) {
    const from = endOf(byId.get(wire.source.node), `out:${wire.source.port}`);
    const to = endOf(byId.get(wire.target.node), `in:${wire.target.port}`);
    if (!from || !to) continue;
    const inside = pointsOf(from, to).filter(([x, y]) => x > left && x < left + own.width && y > top && y < top + own.height);
    const distance = Math.min(...inside.map(([x, y]) => Math.hypot(x - middle[0], y - middle[1])));
    if (distance < (best?.distance ?? Number.POSITIVE_INFINITY) && insertion(file, specs, id, wire)) best = { wire, distance };
  }
  return best?.wire;
}

/** Points of a wire as it is drawn, without its ends. */
function pointsOf([fromX, fromY]: Point, [toX, toY]: Point): Point[] {
  const across = toX - fromX;
  const bend = across >= 0 ? across / 2 : 7.5 * Math.sqrt(-across);
  return Array.from({ length: SAMPLES - 1 }, (_, at) => {
    const t = (at + 1) / SAMPLES;
    const u = 1 - t;
    const [a, b, c, d] = [u ** 3, 3 * u * u * t, 3 * u * t * t, t ** 3];
    return [a * fromX + b * (fromX + bend) + c * (toX - bend) + d * toX, (a + b) * fromY + (c + d) * toY] as const;
  });
}

function endOf(node: GraphNodeType | undefined, handle: string): Point | undefined {
  const socket = node?.data.geometry.sockets.find(({ side, name }) => `${side}:${name}` === handle);
  if (!node || !socket) return undefined;
  return [node.position.x + (socket.side === "out" ? node.data.geometry.width : 0), node.position.y + socket.y];
}

export function nameOf({ source, target }: Wire): { source: string; target: string } {
  return { source: linkTo(source).link, target: linkTo(target).link };
}
