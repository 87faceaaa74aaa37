import { type Action } from "./action";

/** One step back. */
export const undo: Action = {
  title: "action.undo",
  section: "edit",
  icon: "undo",
  keys: ["Mod+KeyZ"],
  enabled: ({ document }) => document.getState().undoLabel !== undefined,
  run: ({ document }) => document.undo(),
};
