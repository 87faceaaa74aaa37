import { fragmentOf } from "./fragment-of";
import { remove } from "./remove";
import { type Action, hasSelection, chosen } from "./action";

/** Copies the selected nodes and removes them. */
export const cut: Action = {
  title: "action.cut",
  section: "edit",
  keys: ["Mod+KeyX"],
  native: true,
  enabled: hasSelection,
  run: async (session, where) => {
    await navigator.clipboard.writeText(fragmentOf(session, chosen(session, where)));
    remove.run(session, where);
  },
};
