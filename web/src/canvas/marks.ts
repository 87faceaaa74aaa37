/** Groups and notes as the library's nodes. Their ids are their places in the file. */

import { type Node } from "@xyflow/react";
import { type Group, type Note, type Point, type WorkflowFile } from "../document/model";

export type GroupNodeType = Node<{ group: Group; at: number }, "group">;
export type NoteNodeType = Node<{ note: Note; at: number }, "note">;

const SMALLEST = { width: 160, height: 80 };

export function marksOf(file: WorkflowFile, selection: ReadonlySet<string>): (GroupNodeType | NoteNodeType)[] {
  const groups = (file.layout?.groups ?? []).map((group, at): GroupNodeType => {
    const id = `group:${at}`;
    return { id, type: "group", data: { group, at }, zIndex: -1, dragHandle: "[data-drag]", selected: selection.has(id), ...boxOf(group.bounds) };
  });
  const notes = (file.layout?.notes ?? []).map((note, at): NoteNodeType => {
    const id = `note:${at}`;
    return { id, type: "note", data: { note, at }, selected: selection.has(id), ...boxOf(note.bounds) };
  });
  return [...groups, ...notes];
}

function boxOf(bounds: number[] | undefined) {
  const [x = 0, y = 0, width = SMALLEST.width, height = SMALLEST.height] = bounds ?? [];
  const size = { width: Math.max(width, SMALLEST.width), height: Math.max(height, SMALLEST.height) };
  return { position: { x, y }, ...size, measured: size, handles: [] };
}

/** The nodes whose top left corner a group holds: they move with it. */
export function membersOf(group: Group, places: Record<string, Point>): string[] {
  const [left = 0, top = 0, width = 0, height = 0] = group.bounds;
  return Object.entries(places)
    .filter(([, [x, y]]) => x >= left && y >= top && x < left + width && y < top + height)
    .map(([id]) => id);
}
