import { fragmentOf } from "./fragment-of";
import { type Session } from "../session";
import { type Action, hasSelection, chosen } from "./action";

/** Copies the selected nodes as the text of a small workflow. */
export const copy: Action = {
  title: "action.copy",
  section: "edit",
  icon: "copy",
  keys: ["Mod+KeyC"],
  native: true,
  enabled: hasSelection,
  run: (session, where) => navigator.clipboard.writeText(fragmentOf(session, chosen(session, where))),
};

/** Answers the browser's own event: at once, and also where a page may not write the clipboard itself. */
export function copyData(session: Session, data: DataTransfer): void {
  data.setData("text/plain", fragmentOf(session, chosen(session, {})));
}
