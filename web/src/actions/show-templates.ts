import { type Action } from "./action";

/** Begins with a ready workflow. */
export const templates: Action = {
  title: "action.templates",
  section: "file",
  icon: "library",
  run: ({ ui }) => ui.setState({ dialog: "templates" }),
};
