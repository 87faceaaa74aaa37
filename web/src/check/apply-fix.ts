/** A fix of the server's as a change of the document: one step back undoes it. */

import { type Fix } from "../api/client";
import { type FixEdit, applyEdits } from "../document/commands/fixes";
import { type Point, type WorkflowFile, wiresOf } from "../document/model";
import { type Command } from "../document/store";

/** A fix without edits is advice: only a person can follow it. */
export function isApplicable(fix: Fix): boolean {
  return fix.edits.length > 0;
}

export function applyFix(fix: Fix): Command {
  // What the server sends is JSON, so every value of an edit is.
  const edits = fix.edits as FixEdit[];
  const change = applyEdits(edits);
  // A step may be gone since the check: then the fix is of no document any more.
  const fits = (file: WorkflowFile): boolean => edits.every(({ step }) => file.nodes[step] !== undefined);
  return { label: fix.text, do: (file) => (fits(file) ? placeNew(file, change(file)) : file) };
}

/** Gives the nodes a fix adds their place: just before the node that reads from them. */
function placeNew(before: WorkflowFile, after: WorkflowFile): WorkflowFile {
  const added = Object.keys(after.nodes).filter((id) => before.nodes[id] === undefined);
  if (added.length === 0 || !after.layout?.nodes) return after;
  const wires = wiresOf(after);
  const places = { ...after.layout.nodes };
  added.forEach((id, index) => {
    const reader = wires.find(({ source }) => source.node === id)?.target.node;
    const at = reader === undefined ? undefined : places[reader];
    if (at) places[id] = between(at, sourceOf(after, id, places), index);
  });
  return { ...after, layout: { ...after.layout, nodes: places } };
}

function sourceOf(file: WorkflowFile, id: string, places: Record<string, Point>): Point | undefined {
  const wire = wiresOf(file).find(({ target }) => target.node === id);
  return wire && places[wire.source.node];
}

function between([x, y]: Point, source: Point | undefined, index: number): Point {
  const left = source ? Math.round((x + source[0]) / 2) : x - 280;
  return [left, Math.round(source ? (y + source[1]) / 2 : y) + 48 + index * 96];
}
