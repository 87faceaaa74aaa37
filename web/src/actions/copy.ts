import { fragmentOf } from "./fragment-of";
import { type Action, hasSelection, chosen } from "./action";

/** Copies the selected nodes as the text of a small workflow. */
export const copy: Action = {
  title: "action.copy",
  section: "edit",
  icon: "copy",
  keys: ["Mod+KeyC"],
  enabled: hasSelection,
  run: (session, where) => navigator.clipboard.writeText(fragmentOf(session, chosen(session, where))),
};
