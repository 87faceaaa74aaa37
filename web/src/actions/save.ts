import { translator } from "../i18n/t";
import { fileActions } from "../workflows/useFiles";
import { type Action } from "./action";

/** Saves the workflow in front to the library. */
export const save: Action = {
  title: "files.save",
  section: "file",
  keys: ["Mod+KeyS"],
  always: true,
  run: (session) => fileActions(session, translator(session.settings.getState().language)).save(),
};
