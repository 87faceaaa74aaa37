import { type Action } from "./action";

/** Searches everything that can be done. */
export const commands: Action = {
  title: "action.commands",
  section: "help",
  icon: "search",
  keys: ["Mod+KeyK", "F1"],
  always: true,
  run: ({ ui }) => ui.setState({ dialog: "commands" }),
};
