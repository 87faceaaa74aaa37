import { type Action } from "./action";

/** Asks for a name to save under. */
export const saveAs: Action = {
  title: "files.saveAs",
  section: "file",
  keys: ["Mod+Shift+KeyS"],
  always: true,
  run: ({ desk, tabs }) => desk.files.ask({ kind: "name", tab: tabs.current().id }),
};
