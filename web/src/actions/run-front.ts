import { submit } from "./submit";
import { type Action, hasNodes } from "./action";

/** Runs the workflow before all that waits. */
export const runFront: Action = {
  title: "action.runFront",
  section: "run",
  keys: ["Mod+Shift+Enter"],
  always: true,
  enabled: hasNodes,
  run: (session) => submit(session, { priority: 100 }),
};
