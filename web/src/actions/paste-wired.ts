import { pasteText } from "./paste-text";
import { type Action } from "./action";

/** Puts copied nodes in with the wires that led to them. */
export const pasteWired: Action = {
  title: "action.pasteWired",
  section: "edit",
  keys: ["Mod+Shift+KeyV"],
  run: async (session, { at }) => pasteText(session, await navigator.clipboard.readText(), at, true),
};
