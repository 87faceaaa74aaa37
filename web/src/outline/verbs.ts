/** What the outline does to the document: the same changes the graph makes, each one step back. */

import { editOf } from "../actions/edit";
import { takesMany } from "../canvas/connect";
import { type NodeSpec } from "../catalog/spec";
import { chain } from "../document/commands/change";
import { connect, disconnect, setInput } from "../document/commands/inputs";
import { addNode, freshId, removeNodes } from "../document/commands/nodes";
import { type Endpoint, type Point, linkTo } from "../document/model";
import { type Session } from "../session";
import { type Follower, placeAfter } from "./candidates";
import { type OutlineInput } from "./tree";

/** Adds a node that reads from another; gives its id. */
export function addAfter(session: Session, { source, spec, port }: Follower): string {
  const { file } = session.document.getState();
  const id = freshId(spec.type, file.nodes);
  const at = placeAfter(placesOf(session), source.node);
  const link = connect(source, { node: id, port }, spec.inputs.find(({ name }) => name === port)?.many);
  editOf(session)("outline.did.add", { node: id }, chain([addNode(id, entryOf(spec), at), link]));
  return id;
}

export function addAlone(session: Session, spec: NodeSpec): string {
  const id = freshId(spec.type, session.document.getState().file.nodes);
  const last = Object.keys(placesOf(session)).at(-1);
  const at: Point = last === undefined ? [0, 0] : placeAfter(placesOf(session), last);
  editOf(session)("outline.did.add", { node: id }, addNode(id, entryOf(spec), at));
  return id;
}

export function link(session: Session, source: Endpoint, target: Endpoint): void {
  const { file } = session.document.getState();
  const many = takesMany(session.catalog.getState().specs, file, target);
  const names = { source: linkTo(source).link, target: linkTo(target).link };
  editOf(session)("outline.did.link", names, connect(source, target, many));
}

export function remove(session: Session, node: string): void {
  editOf(session)("outline.did.remove", { node }, removeNodes([node]));
}

/** Takes away what an input is given: its links, or the value in place of its preset. */
export function clear(session: Session, node: string, input: OutlineInput): void {
  const edit = editOf(session);
  const target = { node, port: input.name };
  if (input.sources.length > 0) {
    edit("outline.did.unlink", { input: input.name }, chain(input.sources.map((source) => disconnect({ source, target }))));
  } else if (input.kind !== "port") {
    edit("outline.did.reset", { input: input.name }, setInput(node, input.name, undefined));
  }
}

function entryOf({ type, version }: NodeSpec): { type: string; version: number; inputs: Record<string, never> } {
  return { type, version, inputs: {} };
}

/** Where nodes lie: the file's word, else where the graph put them. */
function placesOf({ canvas, document }: Session): Record<string, Point> {
  return { ...canvas.getState().auto, ...document.getState().file.layout?.nodes };
}
