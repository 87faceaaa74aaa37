import { type Action } from "./action";

/** One step forward again. */
export const redo: Action = {
  title: "action.redo",
  section: "edit",
  icon: "redo",
  keys: ["Mod+Shift+KeyZ", "Mod+KeyY"],
  enabled: ({ document }) => document.getState().redoLabel !== undefined,
  run: ({ document }) => document.redo(),
};
