import { setMode } from "../document/commands/nodes";
import { editOf } from "./edit";
import { type Action, hasSelection, chosen } from "./action";

/** Leaves the selected nodes out of runs, or takes them in again. */
export const mute: Action = {
  title: "action.mute",
  section: "edit",
  keys: ["Mod+KeyM"],
  enabled: hasSelection,
  run: (session, where) => {
    const ids = chosen(session, where);
    const { nodes } = session.document.getState().file;
    const on = ids.some((id) => nodes[id]?.mode !== "mute");
    editOf(session)("edit.mute", { count: ids.length }, setMode(on ? "mute" : undefined, ids));
  },
};
