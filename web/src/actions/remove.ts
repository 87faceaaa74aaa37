import { chain } from "../document/commands/change";
import { disconnect } from "../document/commands/inputs";
import { removeMarks } from "../document/commands/marks";
import { removeNodes } from "../document/commands/nodes";
import { editOf } from "./edit";
import { type Action, hasSelection, chosen } from "./action";

/** Removes what is selected: nodes, wires, groups, notes. */
export const remove: Action = {
  title: "action.remove",
  section: "edit",
  icon: "trash",
  keys: ["Delete", "Backspace"],
  enabled: hasSelection,
  run: (session, where) => {
    const { ui } = session;
    const ids = chosen(session, where);
    const picked = new Set(ui.getState().selection);
    const places = (kind: string): number[] => [...picked].flatMap((id) => (id.startsWith(`${kind}:`) ? [Number(id.slice(kind.length + 1))] : []));
    const wires = session.canvas.view?.wires().filter(({ id }) => picked.has(id)) ?? [];
    const changes = [
      ...wires.map(({ wire }) => disconnect(wire)),
      ...(ids.length > 0 ? [removeNodes(ids)] : []),
      ...(places("group").length > 0 ? [removeMarks("groups", places("group"))] : []),
      ...(places("note").length > 0 ? [removeMarks("notes", places("note"))] : []),
    ];
    if (changes.length > 0) editOf(session)("edit.remove", { count: changes.length === 1 ? Math.max(ids.length, 1) : picked.size }, chain(changes));
    ui.select([]);
  },
};
