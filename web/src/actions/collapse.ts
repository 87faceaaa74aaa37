import { idsIn, setListed } from "../document/commands/nodes";
import { editOf } from "./edit";
import { type Action, hasSelection, chosen } from "./action";

/** Draws the selected nodes as their head alone, or whole again. */
export const collapse: Action = {
  title: "action.collapse",
  section: "arrange",
  keys: ["Alt+KeyC"],
  enabled: hasSelection,
  run: (session, where) => {
    const ids = chosen(session, where);
    const now = new Set(idsIn(session.document.getState().file.layout, "collapsed"));
    editOf(session)("edit.collapse", { count: ids.length }, setListed("collapsed", ids, ids.some((id) => !now.has(id))));
  },
};
