import { above } from "../document/reach";
import { type Action, hasSelection, chosen } from "./action";

/** Selects what the selected nodes read from. */
export const selectAbove: Action = {
  title: "action.selectAbove",
  section: "edit",
  keys: ["BracketLeft"],
  enabled: hasSelection,
  run: (session, where) => session.ui.select([...above(session.document.getState().file, chosen(session, where))]),
};
