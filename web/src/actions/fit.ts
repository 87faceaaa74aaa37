import { type Action } from "./action";

/** Shows the whole graph. */
export const fit: Action = {
  title: "action.fit",
  section: "view",
  icon: "fit",
  keys: ["Period"],
  run: ({ canvas }) => canvas.view?.fit(),
};
