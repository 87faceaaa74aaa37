import { submit } from "./submit";
import { type Action, hasSelection, chosen } from "./action";

/** Runs only what the selected nodes need. */
export const runTo: Action = {
  title: "action.runTo",
  section: "run",
  icon: "step",
  keys: ["Shift+Enter"],
  enabled: hasSelection,
  run: (session, where) => submit(session, { targets: chosen(session, where) }),
};
