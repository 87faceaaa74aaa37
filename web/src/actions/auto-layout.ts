import { arrange } from "../canvas/arrange";
import { moveNodes } from "../document/commands/nodes";
import { type Point } from "../document/model";
import { editOf } from "./edit";
import { type Action, hasNodes } from "./action";

/** Lays out the graph, or the selected part of it. */
export const layout: Action = {
  title: "action.layout",
  section: "arrange",
  icon: "layout",
  keys: ["KeyL"],
  enabled: hasNodes,
  run: async (session) => {
    const { canvas, catalog, document, ui } = session;
    const { file } = document.getState();
    const picked = ui.getState().selection.filter((id) => file.nodes[id]);
    const only = picked.length > 1 ? new Set(picked) : undefined;
    const places = await arrange(file, catalog.getState().specs, only);
    const moved = only ? keepCorner(places, canvas.view?.places() ?? {}) : places;
    editOf(session)("edit.layout", {}, moveNodes(moved));
    if (!only) setTimeout(() => canvas.view?.fit(), 50);
  },
};

/** A part that is laid out stays where it was. */
function keepCorner(places: Record<string, Point>, before: Record<string, Point>): Record<string, Point> {
  const ids = Object.keys(places);
  const least = (of: Record<string, Point>, axis: 0 | 1): number => Math.min(...ids.map((id) => of[id]?.[axis] ?? 0));
  const [dx, dy] = [least(before, 0) - least(places, 0), least(before, 1) - least(places, 1)];
  return Object.fromEntries(Object.entries(places).map(([id, [x, y]]) => [id, [x + dx, y + dy]]));
}
