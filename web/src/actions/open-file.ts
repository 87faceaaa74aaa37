import { translator } from "../i18n/t";
import { fileActions } from "../workflows/useFiles";
import { type Action } from "./action";

/** Opens a file from this machine: a workflow, or a picture that carries one. */
export const openFile: Action = {
  title: "files.openFile",
  section: "file",
  icon: "library",
  keys: ["Mod+KeyO"],
  always: true,
  run: (session) => {
    const { openFile: open } = fileActions(session, translator(session.settings.getState().language));
    const picker = Object.assign(document.createElement("input"), { type: "file", multiple: true, accept: ".json,.png,application/json,image/png" });
    picker.addEventListener("change", () => [...(picker.files ?? [])].forEach((file) => void open(file)));
    picker.click();
  },
};
