import { type Action } from "./action";

/** Theme, language and density. */
export const showSettings: Action = {
  title: "action.settings",
  section: "help",
  icon: "settings",
  keys: ["Mod+Comma"],
  always: true,
  run: ({ ui }) => ui.setState({ dialog: "settings" }),
};
