import { type Action } from "./action";

/** To natural size. */
export const zoomReset: Action = {
  title: "action.zoomReset",
  section: "view",
  keys: ["Digit0"],
  run: ({ canvas }) => canvas.view?.zoomTo(1),
};
