import { translator } from "../i18n/t";
import { fileActions } from "../workflows/useFiles";
import { type Action } from "./action";

/** Closes the workflow in front, after asking where work would be lost. */
export const closeTab: Action = {
  title: "files.closeFront",
  section: "file",
  keys: ["Alt+KeyW"],
  run: (session) => fileActions(session, translator(session.settings.getState().language)).close(session.tabs.current().id),
};
