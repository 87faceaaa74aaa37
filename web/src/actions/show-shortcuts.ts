import { type Action } from "./action";

/** Shows all shortcuts. */
export const shortcuts: Action = {
  title: "action.shortcuts",
  section: "help",
  icon: "help",
  keys: ["Shift+Slash"],
  run: ({ ui }) => ui.setState({ dialog: "shortcuts" }),
};
