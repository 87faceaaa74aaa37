/** Where nodes are and how large: from the document, so nodes that are not drawn have boxes too. */

import { idsIn } from "../document/commands/nodes";
import { type WorkflowFile } from "../document/model";
import { type Session } from "../session";
import { type Extent, geometryOf } from "./geometry";
import { type Box } from "./store";

export type Boxes = Record<string, Box>;

/** How much of a node the file wants drawn. */
export function extentIn({ layout }: WorkflowFile, id: string): Extent {
  return { collapsed: idsIn(layout, "collapsed").includes(id), expanded: idsIn(layout, "expanded").includes(id) };
}

/** Boxes of nodes as the document has them; one it gives no place has the place it is drawn at. */
export function boxesOf({ canvas, catalog, document }: Session, ids: readonly string[]): Boxes {
  const { file } = document.getState();
  const { specs } = catalog.getState();
  const drawn = canvas.view?.places() ?? {};
  return Object.fromEntries(
    ids.flatMap((id) => {
      const entry = file.nodes[id];
      const at = file.layout?.nodes?.[id] ?? drawn[id];
      if (!entry || !at) return [];
      const { width, height } = geometryOf(entry, specs[entry.type], extentIn(file, id));
      return [[id, { x: at[0], y: at[1], width, height }]];
    }),
  );
}
