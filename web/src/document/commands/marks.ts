/** Groups and notes: what people write on the graph; no step knows of them. */

import { type Group, type Note } from "../model";
import { type Change, withLayout } from "./change";

export type Mark = "groups" | "notes";

export function addGroup(group: Group): Change {
  return (file) => withLayout(file, (layout) => ({ ...layout, groups: [...(layout.groups ?? []), group] }));
}

export function addNote(note: Note): Change {
  return (file) => withLayout(file, (layout) => ({ ...layout, notes: [...(layout.notes ?? []), note] }));
}

export function changeGroup(at: number, change: Partial<Group>): Change {
  return (file) =>
    withLayout(file, (layout) => ({
      ...layout,
      groups: (layout.groups ?? []).map((group, index) => (index === at ? { ...group, ...change } : group)),
    }));
}

export function changeNote(at: number, change: Partial<Note>): Change {
  return (file) =>
    withLayout(file, (layout) => ({
      ...layout,
      notes: (layout.notes ?? []).map((note, index) => (index === at ? { ...note, ...change } : note)),
    }));
}

export function removeMarks(kind: Mark, places: readonly number[]): Change {
  return (file) =>
    withLayout(file, (layout) =>
      kind === "groups"
        ? { ...layout, groups: (layout.groups ?? []).filter((_, index) => !places.includes(index)) }
        : { ...layout, notes: (layout.notes ?? []).filter((_, index) => !places.includes(index)) },
    );
}
