import { type Action, hasNodes } from "./action";

/** Selects every node. */
export const selectAll: Action = {
  title: "action.selectAll",
  section: "edit",
  keys: ["Mod+KeyA"],
  enabled: hasNodes,
  run: ({ document, ui }) => ui.select(Object.keys(document.getState().file.nodes)),
};
