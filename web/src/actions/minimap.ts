import { type Action } from "./action";

/** Shows or hides the overview. */
export const minimap: Action = {
  title: "action.minimap",
  section: "view",
  icon: "map",
  keys: ["KeyM"],
  run: ({ canvas }) => canvas.setState(({ minimap: shown }) => ({ minimap: !shown })),
};
