import { WHOLE, geometryOf } from "../canvas/geometry";
import { addGroup } from "../document/commands/marks";
import { translator } from "../i18n/t";
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
    const { canvas, catalog, document } = session;
    const { file } = document.getState();
    const places = canvas.view?.places() ?? {};
    const boxes = chosen(session, where).flatMap((id) => {
      const entry = file.nodes[id];
      const at = places[id];
      if (!entry || !at) return [];
      const { width, height } = geometryOf(entry, catalog.getState().specs[entry.type], WHOLE);
      return [{ left: at[0], top: at[1], right: at[0] + width, bottom: at[1] + height }];
    });
    const left = Math.min(...boxes.map((box) => box.left)) - MARGIN;
    const top = Math.min(...boxes.map((box) => box.top)) - MARGIN - HEAD_ROOM;
    const right = Math.max(...boxes.map((box) => box.right)) + MARGIN;
    const bottom = Math.max(...boxes.map((box) => box.bottom)) + MARGIN;
    if (boxes.length === 0) return;
    const title = translator(session.settings.getState().language)("action.group.new");
    editOf(session)("edit.group", {}, addGroup({ title, bounds: [left, top, right - left, bottom - top] }));
  },
};
