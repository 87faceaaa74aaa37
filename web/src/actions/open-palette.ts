import { type Action } from "./action";

/** Searches for a node to add. */
export const palette: Action = {
  title: "action.palette",
  section: "edit",
  icon: "plus",
  keys: ["Tab", "Shift+KeyA", "Space"],
  run: ({ ui }, { at }) => ui.setState({ palette: { at } }),
};
