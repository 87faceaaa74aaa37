import { addNote } from "../document/commands/marks";
import { editOf } from "./edit";
import { type Action } from "./action";

/** Puts a note on the graph. */
export const addNoteAction: Action = {
  title: "action.note",
  section: "arrange",
  icon: "note",
  keys: ["Mod+Shift+KeyN"],
  run: (session, { at }) => {
    const [x, y] = session.canvas.view?.placeAt(at) ?? [0, 0];
    editOf(session)("edit.note", {}, addNote({ text: "", bounds: [x, y, 240, 140] }));
  },
};
