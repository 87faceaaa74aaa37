import { type Boxes, boxesOf } from "../canvas/boxes";
import { type Box } from "../canvas/store";
import { moveNodes } from "../document/commands/nodes";
import { type Point } from "../document/model";
import { type Session } from "../session";
import { type Action } from "./action";
import { editOf } from "./edit";

/** Brings the chosen nodes to one edge, which is that of the outermost. */
export const alignLeft = aligning("action.alignLeft", "Alt+Shift+ArrowLeft", ({ y }, { x }) => [x, y]);
export const alignRight = aligning("action.alignRight", "Alt+Shift+ArrowRight", ({ y, width }, all) => [all.x + all.width - width, y]);
export const alignTop = aligning("action.alignTop", "Alt+Shift+ArrowUp", ({ x }, { y }) => [x, y]);
export const alignBottom = aligning("action.alignBottom", "Alt+Shift+ArrowDown", ({ x, height }, all) => [x, all.y + all.height - height]);

/** Leaves the outermost where they are and the same gap between all others. */
export const distributeAcross = arranging("action.distributeAcross", "Alt+Shift+KeyH", 3, (boxes) => spread(boxes, "x", "width"));
export const distributeDown = arranging("action.distributeDown", "Alt+Shift+KeyV", 3, (boxes) => spread(boxes, "y", "height"));

function aligning(title: Action["title"], key: string, place: (box: Box, all: Box) => Point): Action {
  return arranging(title, key, 2, (boxes) => {
    const all = around(Object.values(boxes));
    return Object.fromEntries(Object.entries(boxes).map(([id, box]) => [id, place(box, all)]));
  });
}

function arranging(title: Action["title"], key: string, least: number, arrange: (boxes: Boxes) => Record<string, Point>): Action {
  return {
    title,
    section: "arrange",
    keys: [key],
    enabled: (session) => nodesOf(session).length >= least,
    run: (session) => {
      const ids = nodesOf(session);
      const places = arrange(boxesOf(session, ids));
      editOf(session)("edit.align", { count: ids.length }, moveNodes(places));
    },
  };
}

function nodesOf({ document, ui }: Session): string[] {
  const { nodes } = document.getState().file;
  return ui.getState().selection.filter((id) => nodes[id]);
}

export function around(boxes: readonly Box[]): Box {
  const x = Math.min(...boxes.map((box) => box.x));
  const y = Math.min(...boxes.map((box) => box.y));
  return { x, y, width: Math.max(...boxes.map((box) => box.x + box.width)) - x, height: Math.max(...boxes.map((box) => box.y + box.height)) - y };
}

export function spread(boxes: Boxes, axis: "x" | "y", size: "width" | "height"): Record<string, Point> {
  const inOrder = Object.entries(boxes).toSorted(([, a], [, b]) => a[axis] - b[axis]);
  const all = around(Object.values(boxes));
  const free = all[size] - inOrder.reduce((sum, [, box]) => sum + box[size], 0);
  const gap = free / Math.max(1, inOrder.length - 1);
  let at = all[axis];
  return Object.fromEntries(
    inOrder.map(([id, box]): [string, Point] => {
      const place: Point = axis === "x" ? [Math.round(at), box.y] : [box.x, Math.round(at)];
      at += box[size] + gap;
      return [id, place];
    }),
  );
}
