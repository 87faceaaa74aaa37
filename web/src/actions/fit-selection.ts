import { type Action, hasSelection } from "./action";

/** Shows what is selected. */
export const fitSelection: Action = {
  title: "action.fitSelection",
  section: "view",
  keys: ["Shift+Period"],
  enabled: hasSelection,
  run: ({ canvas, ui }) => canvas.view?.fit(ui.getState().selection),
};
