import { type Action } from "./action";

/** Further away. */
export const zoomOut: Action = {
  title: "action.zoomOut",
  section: "view",
  icon: "minus",
  keys: ["Minus", "NumpadSubtract"],
  run: ({ canvas }) => canvas.view?.zoomBy(0.8),
};
