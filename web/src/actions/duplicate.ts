import { fragmentOf } from "./fragment-of";
import { pasteText } from "./paste-text";
import { type Action, hasSelection, chosen } from "./action";

/** Puts the selected nodes in once more, beside themselves. */
export const duplicate: Action = {
  title: "action.duplicate",
  section: "edit",
  icon: "copy",
  keys: ["Mod+KeyD"],
  enabled: hasSelection,
  run: (session, where) => pasteText(session, fragmentOf(session, chosen(session, where)), undefined, true),
};
