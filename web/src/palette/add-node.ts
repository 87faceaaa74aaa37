import { editOf } from "../actions/edit";
import { type PaletteRequest } from "../app/ui-store";
import { HEAD, WIDTH } from "../canvas/geometry";
import { titleOf } from "../catalog/names";
import { type NodeSpec } from "../catalog/spec";
import { type Change, chain } from "../document/commands/change";
import { connect } from "../document/commands/inputs";
import { addNode, freshId } from "../document/commands/nodes";
import { type Point, type WorkflowFile } from "../document/model";
import { type Session } from "../session";
import { portFor } from "./fitting";

/** Adds a node where it was asked for, and ends the wire that asked for it. */
export function addFromPalette(session: Session, file: WorkflowFile, spec: NodeSpec, { at, from }: PaletteRequest): void {
  const id = freshId(spec.type, file.nodes);
  const place = freePlace(session, at, from?.side === "in");
  const changes: Change[] = [addNode(id, { type: spec.type, version: spec.version, inputs: {} }, place)];
  const port = from && portFor(spec, from);
  if (from && port !== undefined) {
    const old = { node: from.node, port: from.port };
    const many = spec.inputs.find(({ name }) => name === port)?.many ?? false;
    changes.push(from.side === "out" ? connect(old, { node: id, port }, many) : connect({ node: id, port }, old));
  }
  editOf(session)("edit.add", { type: titleOf(spec.type) }, chain(changes));
  session.ui.select([id]);
  // From the keys alone the next thing wanted is the new node.
  setTimeout(() => session.canvas.view?.grasp(id), 30);
}

/** Under the pointer, or in the middle of the view; a little further where a node lies already. */
export function freePlace({ canvas }: Session, client?: Point, before = false): Point {
  const [x, y] = canvas.view?.placeAt(client) ?? [0, 0];
  const start: Point = before ? [x - WIDTH, y - HEAD] : [x, y - HEAD];
  const taken = Object.values(canvas.view?.places() ?? {});
  const isTaken = ([left, top]: Point): boolean => taken.some((place) => Math.abs(place[0] - left) < 24 && Math.abs(place[1] - top) < 24);
  let free = start;
  while (isTaken(free)) free = [free[0] + 32, free[1] + 32];
  return free;
}
