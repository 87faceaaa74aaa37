/** The library's nodes and wires, from the document. A node that did not change keeps its object. */

import { type Edge, type Node, Position } from "@xyflow/react";
import { type NodeSpec } from "../catalog/spec";
import { type NodeEntry, type Point, type WorkflowFile, wiresOf } from "../document/model";
import { idsIn } from "../document/commands/nodes";
import { type Specs, outputType } from "./connect";
import { type Geometry, geometryOf } from "./geometry";

interface NodeFace {
  spec: NodeSpec | undefined;
  title: string | undefined;
  collapsed: boolean;
  expanded: boolean;
}

/** A type and not an interface, because the library asks for open records. */
export type NodeData = Pick<NodeFace, keyof NodeFace> & { entry: NodeEntry; geometry: Geometry };

export type GraphNodeType = Node<NodeData, "graph">;
export type WireType = Edge<{ type: string }, "wire">;

interface Kept {
  node: GraphNodeType;
  reads: string;
}

export interface Deriver {
  nodes(file: WorkflowFile, specs: Specs, places: Record<string, Point>, selection: ReadonlySet<string>): GraphNodeType[];
  wires(file: WorkflowFile, specs: Specs, selection: ReadonlySet<string>): WireType[];
}

export function createDeriver(): Deriver {
  const kept = new WeakMap<NodeEntry, Map<string, Kept>>();
  const wireCache = new Map<string, WireType>();

  const nodeOf = (id: string, entry: NodeEntry, next: NodeFace, at: Point, selected: boolean, reads: string): GraphNodeType => {
    const byId = kept.get(entry) ?? new Map<string, Kept>();
    kept.set(entry, byId);
    const old = byId.get(id);
    const same = old && old.reads === reads && isSame(old.node.data, next);
    if (same && old.node.selected === selected && old.node.position.x === at[0] && old.node.position.y === at[1]) return old.node;
    const data = same ? old.node.data : { ...next, entry, geometry: geometryOf(entry, next.spec, next, reads ? reads.split(" ") : []) };
    const node = build(id, data, at, selected);
    byId.set(id, { node, reads });
    return node;
  };

  return {
    nodes: (file, specs, places, selection) => {
      const collapsed = new Set(idsIn(file.layout, "collapsed"));
      const expanded = new Set(idsIn(file.layout, "expanded"));
      const read = outputsRead(file, specs);
      return inOrder(file).map((id) => {
        const entry = file.nodes[id] as NodeEntry;
        const next = {
          spec: specs[entry.type],
          title: file.layout?.titles?.[id],
          collapsed: collapsed.has(id),
          expanded: expanded.has(id),
        };
        return nodeOf(id, entry, next, places[id] ?? [0, 0], selection.has(id), read.get(id) ?? "");
      });
    },
    wires: (file, specs, selection) =>
      wiresOf(file).flatMap(({ source, target }, at) => {
        if (!file.nodes[source.node]) return [];
        const id = `${target.node}:${target.port}:${source.node}.${source.port}:${at}`;
        const type = outputType(file, specs, source) ?? "";
        const selected = selection.has(id);
        const old = wireCache.get(id);
        if (old && old.selected === selected && old.data?.type === type) return [old];
        const wire: WireType = { id, type: "wire", source: source.node, target: target.node, sourceHandle: `out:${source.port}`, targetHandle: `in:${target.port}`, data: { type }, selected };
        wireCache.set(id, wire);
        return [wire];
      }),
  };
}

function build(id: string, data: NodeData, [x, y]: Point, selected: boolean): GraphNodeType {
  const { width, height, sockets } = data.geometry;
  const handles = sockets.map((socket) => ({
    id: `${socket.side}:${socket.name}`,
    type: socket.side === "in" ? ("target" as const) : ("source" as const),
    position: socket.side === "in" ? Position.Left : Position.Right,
    x: (socket.side === "in" ? 0 : width) - 6,
    y: socket.y - 6,
    width: 12,
    height: 12,
  }));
  // Said to be measured: else the library leaves what is out of view out of `fitView`.
  return { id, type: "graph", position: { x, y }, data, selected, width, height, measured: { width, height }, handles, ariaLabel: data.title ?? data.entry.type };
}

/** Nodes that are painted instead: the library still knows where they are. One that did not change stays the same object. */
export function createHider(): (node: GraphNodeType) => GraphNodeType {
  const kept = new WeakMap<GraphNodeType, GraphNodeType>();
  return (node) => {
    const found = kept.get(node) ?? { ...node, hidden: true };
    kept.set(node, found);
    return found;
  };
}

/** Sources before what reads them: the order in which Tab goes through the nodes. */
export function inOrder(file: WorkflowFile): string[] {
  const waits = new Map(Object.keys(file.nodes).map((id) => [id, 0]));
  const readers = new Map<string, string[]>();
  for (const { source, target } of wiresOf(file)) {
    if (!waits.has(source.node)) continue;
    waits.set(target.node, (waits.get(target.node) ?? 0) + 1);
    readers.set(source.node, [...(readers.get(source.node) ?? []), target.node]);
  }
  const order = [...waits].filter(([, count]) => count === 0).map(([id]) => id);
  for (const id of order) {
    for (const reader of readers.get(id) ?? []) {
      const left = (waits.get(reader) ?? 0) - 1;
      waits.set(reader, left);
      if (left === 0) order.push(reader);
    }
  }
  const seen = new Set(order);
  return [...order, ...[...waits.keys()].filter((id) => !seen.has(id))];
}

/** Of nodes whose type we do not know: the outputs that others read, so that their wires have an end. */
function outputsRead(file: WorkflowFile, specs: Specs): Map<string, string> {
  const read = new Map<string, Set<string>>();
  for (const { source } of wiresOf(file)) {
    const type = file.nodes[source.node]?.type;
    if (type === undefined || specs[type]) continue;
    read.set(source.node, (read.get(source.node) ?? new Set()).add(source.port));
  }
  return new Map([...read].map(([id, ports]) => [id, [...ports].join(" ")]));
}

function isSame(data: NodeData, next: NodeFace): boolean {
  return (Object.keys(next) as (keyof typeof next)[]).every((key) => data[key] === next[key]);
}
