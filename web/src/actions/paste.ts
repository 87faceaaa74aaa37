import { pasteText } from "./paste-text";
import { type Action } from "./action";

/** Puts copied nodes in. */
export const paste: Action = {
  title: "action.paste",
  section: "edit",
  keys: ["Mod+KeyV"],
  run: async (session, { at }) => pasteText(session, await navigator.clipboard.readText(), at, false),
};
