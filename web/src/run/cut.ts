/** The part of a workflow that some nodes need: what "run to this node" hands in. */

import { type WorkflowFile } from "../document/model";
import { above } from "../document/reach";

export function cutTo(file: WorkflowFile, targets: readonly string[]): WorkflowFile {
  const needed = above(file, targets);
  const nodes = Object.fromEntries(Object.entries(file.nodes).filter(([id]) => needed.has(id)));
  const parameters = Object.fromEntries(
    Object.entries(file.parameters ?? {}).filter(([, place]) => needed.has(place.slice(0, place.lastIndexOf(".")))),
  );
  return { ...file, nodes, ...(file.parameters && { parameters }) };
}
