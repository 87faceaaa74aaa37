import { type Action } from "./action";

/** Closer. */
export const zoomIn: Action = {
  title: "action.zoomIn",
  section: "view",
  icon: "plus",
  keys: ["Equal", "NumpadAdd"],
  run: ({ canvas }) => canvas.view?.zoomBy(1.25),
};
