/** Copy and paste: a fragment is a small workflow file, as text, so it survives a chat or an issue. */

import { type NodeEntry, type Point, type WorkflowFile, FORMAT, isWorkflow, linkTo, parseLink } from "../model";
import { type Change, mapLinks, withLayout } from "./change";
import { freshId } from "./nodes";

/** The chosen nodes with their places. Links from elsewhere stay in: pasting decides about them. */
export function copyNodes(file: WorkflowFile, ids: readonly string[], places: Record<string, Point>): WorkflowFile {
  const chosen = ids.filter((id) => file.nodes[id]);
  return {
    format: FORMAT,
    nodes: Object.fromEntries(chosen.map((id) => [id, file.nodes[id] as NodeEntry])),
    layout: { nodes: Object.fromEntries(chosen.flatMap((id) => (places[id] ? [[id, places[id]]] : []))) },
  };
}

export function writeFragment(fragment: WorkflowFile): string {
  return JSON.stringify(fragment, null, 2);
}

export function readFragment(text: string): WorkflowFile | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return isWorkflow(value as WorkflowFile) ? (value as WorkflowFile) : undefined;
  } catch {
    return undefined; // some other text is in the clipboard
  }
}

export interface Pasting {
  change: Change;
  /** The ids the nodes got. */
  ids: string[];
}

/** Puts a fragment's nodes in with new ids; wires from outside come along only when asked for. */
export function paste(file: WorkflowFile, fragment: WorkflowFile, at: Point | undefined, incoming: boolean): Pasting {
  const names = freshNames(file, fragment);
  const offset = offsetOf(fragment, at);
  const renamed = mapLinks(fragment, (link) => {
    const { node, port } = parseLink(link);
    const name = names.get(node);
    if (name !== undefined) return linkTo({ node: name, port }).link;
    return incoming && file.nodes[node] ? link : undefined;
  });
  const nodes = Object.fromEntries(Object.entries(renamed.nodes).map(([id, entry]) => [names.get(id) ?? id, entry]));
  const places = Object.fromEntries(
    [...names].map(([id, name], index): [string, Point] => {
      const [x, y] = fragment.layout?.nodes?.[id] ?? [index * 40, index * 40];
      return [name, [x + offset[0], y + offset[1]]];
    }),
  );
  const change: Change = (now) =>
    withLayout({ ...now, nodes: { ...now.nodes, ...nodes } }, (layout) => ({
      ...layout,
      nodes: { ...layout.nodes, ...places },
    }));
  return { change, ids: [...names.values()] };
}

function freshNames(file: WorkflowFile, fragment: WorkflowFile): Map<string, string> {
  const taken: Record<string, NodeEntry> = { ...file.nodes };
  const names = new Map<string, string>();
  for (const [id, entry] of Object.entries(fragment.nodes)) {
    const name = taken[id] ? freshId(id.replace(/_\d+$/, ""), taken) : id;
    taken[name] = entry;
    names.set(id, name);
  }
  return names;
}

function offsetOf(fragment: WorkflowFile, at: Point | undefined): Point {
  const places = Object.values(fragment.layout?.nodes ?? {});
  if (!at || places.length === 0) return [32, 32];
  return [at[0] - Math.min(...places.map(([x]) => x)), at[1] - Math.min(...places.map(([, y]) => y))];
}

