import { boxesOf } from "../canvas/boxes";
import { addGroup } from "../document/commands/marks";
import { translator } from "../i18n/t";
import { around } from "./align";
import { editOf } from "./edit";
import { type Action, hasSelection, chosen } from "./action";

const MARGIN = 24;
const HEAD_ROOM = 36;

/** Draws a frame around the selected nodes. */
export const addGroupAction: Action = {
  title: "action.group",
  section: "arrange",
  icon: "group",
  keys: ["Mod+KeyG"],
  enabled: hasSelection,
  run: (session, where) => {
    const boxes = Object.values(boxesOf(session, chosen(session, where)));
    if (boxes.length === 0) return;
    const { x, y, width, height } = around(boxes);
    const title = translator(session.settings.getState().language)("action.group.new");
    editOf(session)("edit.group", {}, addGroup({ title, bounds: [x - MARGIN, y - MARGIN - HEAD_ROOM, width + 2 * MARGIN, height + 2 * MARGIN + HEAD_ROOM] }));
  },
};
