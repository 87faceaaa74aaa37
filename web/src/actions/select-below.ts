import { below } from "../document/reach";
import { type Action, hasSelection, chosen } from "./action";

/** Selects what reads from the selected nodes. */
export const selectBelow: Action = {
  title: "action.selectBelow",
  section: "edit",
  keys: ["BracketRight"],
  enabled: hasSelection,
  run: (session, where) => session.ui.select([...below(session.document.getState().file, chosen(session, where))]),
};
