import { type Action, hasSelection } from "./action";

/** Selects nothing. */
export const unselect: Action = {
  title: "action.unselect",
  section: "edit",
  keys: ["Escape"],
  enabled: (session) => hasSelection(session) || session.canvas.getState().wiring !== undefined,
  run: ({ canvas, ui }) => (canvas.getState().wiring ? canvas.setState({ wiring: undefined }) : ui.select([])),
};
