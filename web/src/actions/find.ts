import { type Action, hasNodes } from "./action";

/** Finds a node by its name, its settings or its texts. */
export const find: Action = {
  title: "action.find",
  section: "edit",
  icon: "search",
  keys: ["Mod+KeyF"],
  always: true,
  enabled: hasNodes,
  run: ({ ui }) => ui.setState({ dialog: "find" }),
};
