import { setMode } from "../document/commands/nodes";
import { editOf } from "./edit";
import { type Action, hasSelection, chosen } from "./action";

/** Lets the selected nodes hand on what they read, or has them work again. */
export const bypass: Action = {
  title: "action.bypass",
  section: "edit",
  keys: ["Mod+KeyB"],
  enabled: hasSelection,
  run: (session, where) => {
    const ids = chosen(session, where);
    const { nodes } = session.document.getState().file;
    const on = ids.some((id) => nodes[id]?.mode !== "bypass");
    editOf(session)("edit.bypass", { count: ids.length }, setMode(on ? "bypass" : undefined, ids));
  },
};
