/** How much of the graph is drawn, so that the page stays small whatever is in view. */

/** All of every node; only names, states and pictures; or one sheet with a mark for each node. */
export type Detail = "whole" | "names" | "sheet";

export interface InView {
  nodes: number;
  /** About how many elements the nodes would be with all that is on them. */
  elements: number;
}

/** Below this zoom nothing can be read. */
export const FAR = 0.35;
const MOST_ELEMENTS = 1600;
const MOST_NAMES = 200;
/** To come back to more there must be some room, else panning along the edge would flicker. */
const ROOM = 0.85;

const PER_NODE = 9;
const PER_ROW = 5;

export function detailFor(before: Detail, zoom: number, { nodes, elements }: InView): Detail {
  if (zoom >= FAR && elements <= MOST_ELEMENTS * (before === "whole" ? 1 : ROOM)) return "whole";
  return nodes <= MOST_NAMES * (before === "sheet" ? ROOM : 1) ? "names" : "sheet";
}

interface Placed {
  position: { x: number; y: number };
  data: { geometry: { width: number; height: number; rows: readonly unknown[] } };
}

export interface ViewBox {
  x: number;
  y: number;
  width: number;
  height: number;
}

export function isInView({ position: { x, y }, data: { geometry } }: Placed, box: ViewBox): boolean {
  return x < box.x + box.width && y < box.y + box.height && x + geometry.width > box.x && y + geometry.height > box.y;
}

export function inView(nodes: readonly Placed[], box: ViewBox): InView {
  let count = 0;
  let elements = 0;
  for (const node of nodes) {
    if (!isInView(node, box)) continue;
    count += 1;
    elements += PER_NODE + PER_ROW * node.data.geometry.rows.length;
  }
  return { nodes: count, elements };
}

/** The part of the graph that a view shows, in the graph's own units. */
export function viewBox([x, y, zoom]: readonly [number, number, number], width: number, height: number): ViewBox {
  return { x: (0 - x) / zoom, y: (0 - y) / zoom, width: width / zoom, height: height / zoom };
}
