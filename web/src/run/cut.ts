/** The part of a workflow that some nodes need: what "run to this node" hands in. */

import { type WorkflowFile, wiresOf } from "../document/model";

export function cutTo(file: WorkflowFile, targets: readonly string[]): WorkflowFile {
  const needed = ancestors(file, targets);
  const nodes = Object.fromEntries(Object.entries(file.nodes).filter(([id]) => needed.has(id)));
  const parameters = Object.fromEntries(
    Object.entries(file.parameters ?? {}).filter(([, place]) => needed.has(place.slice(0, place.lastIndexOf(".")))),
  );
  return { ...file, nodes, ...(file.parameters && { parameters }) };
}

function ancestors(file: WorkflowFile, targets: readonly string[]): Set<string> {
  const sources = new Map<string, string[]>();
  for (const { source, target } of wiresOf(file)) {
    sources.set(target.node, [...(sources.get(target.node) ?? []), source.node]);
  }
  const needed = new Set<string>();
  const open = [...targets];
  for (let node = open.pop(); node !== undefined; node = open.pop()) {
    if (needed.has(node)) continue;
    needed.add(node);
    open.push(...(sources.get(node) ?? []));
  }
  return needed;
}
