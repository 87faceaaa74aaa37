import { type Action } from "./action";

/** Brings back the workflow that was closed last. */
export const reopenTab: Action = {
  title: "files.reopen",
  section: "file",
  icon: "undo",
  keys: ["Alt+Shift+KeyT"],
  enabled: ({ desk }) => desk.files.store.getState().closed.length > 0,
  run: ({ desk }) => desk.files.reopen(),
};
