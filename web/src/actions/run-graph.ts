import { submit } from "./submit";
import { type Action, hasNodes } from "./action";

/** Runs the workflow. */
export const run: Action = {
  title: "action.run",
  section: "run",
  icon: "play",
  keys: ["Mod+Enter"],
  always: true,
  enabled: hasNodes,
  run: (session) => submit(session),
};
