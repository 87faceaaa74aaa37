import { emptyFile } from "../document/model";
import { type Action } from "./action";

/** Begins an empty workflow in a tab of its own. */
export const newTab: Action = {
  title: "files.new",
  section: "file",
  icon: "plus",
  keys: ["Alt+KeyN"],
  run: ({ tabs }) => void tabs.open({ file: emptyFile() }),
};
