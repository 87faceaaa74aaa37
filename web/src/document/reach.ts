/** What is above and below nodes: what they read from, and what reads from them. */

import { type NodeEntry, type WorkflowFile, linksIn, parseLink, wiresOf } from "./model";

/** Everything that reads, directly or not, from these nodes; and themselves. */
export function below(file: WorkflowFile, ids: readonly string[]): Set<string> {
  const wires = wiresOf(file);
  return reach(ids, (id) => wires.flatMap(({ source, target }) => (source.node === id ? [target.node] : [])));
}

/** Everything these nodes read from, directly or not; and themselves. */
export function above(file: WorkflowFile, ids: readonly string[]): Set<string> {
  return reach(ids, (id) => sourcesOf(file.nodes[id]));
}

function sourcesOf(entry: NodeEntry | undefined): string[] {
  return Object.values(entry?.inputs ?? {}).flatMap((value) => linksIn(value).map(({ link }) => parseLink(link).node));
}

function reach(from: readonly string[], next: (id: string) => string[]): Set<string> {
  const seen = new Set(from);
  const open = [...from];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    for (const other of next(id)) {
      if (seen.has(other)) continue;
      seen.add(other);
      open.push(other);
    }
  }
  return seen;
}
