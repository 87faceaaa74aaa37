/** The file a run is given: without what is muted, with what is bypassed wired through, up to a node. */

import { type Link, type NodeEntry, type WorkflowFile, isLink, linksIn, parseLink, wiresOf } from "./model";
import { mapLinks, without } from "./commands/change";
import { flaggedIn, removeNodes } from "./commands/nodes";

/** The types of a node's ports, as far as bypassing needs them. */
export interface PortTypes {
  inputs: Record<string, string>;
  outputs: Record<string, string>;
  required: ReadonlySet<string>;
}

export type TypesOf = (type: string) => PortTypes | undefined;

export function runnable(file: WorkflowFile, typesOf: TypesOf, upTo?: readonly string[]): WorkflowFile {
  const bypassed = bypass(file, flaggedIn(file.layout, "bypassed"), typesOf);
  const active = mute(bypassed, flaggedIn(file.layout, "muted"), typesOf);
  return upTo ? ancestorsOnly(active, upTo) : active;
}

/** Everything that reads, directly or not, from these nodes. */
export function below(file: WorkflowFile, ids: readonly string[]): Set<string> {
  return reach(ids, (id) => wiresOf(file).flatMap(({ source, target }) => (source.node === id ? [target.node] : [])));
}

/** Everything these nodes read from, directly or not, and themselves. */
export function above(file: WorkflowFile, ids: readonly string[]): Set<string> {
  return reach(ids, (id) => sourcesOf(file.nodes[id]));
}

function bypass(file: WorkflowFile, ids: readonly string[], typesOf: TypesOf): WorkflowFile {
  return ids.reduce((now, id) => bypassOne(now, id, typesOf), file);
}

function bypassOne(file: WorkflowFile, id: string, typesOf: TypesOf): WorkflowFile {
  const entry = file.nodes[id];
  if (!entry) return file;
  const types = typesOf(entry.type);
  const rewired = mapLinks(file, (link) => {
    const { node, port } = parseLink(link);
    if (node !== id) return link;
    return throughOf(entry, types?.outputs[port], types)?.link;
  });
  return removeNodes([id])(rewired);
}

/** What arrives at the first input of the same type. */
function throughOf(entry: NodeEntry, type: string | undefined, types: PortTypes | undefined): Link | undefined {
  const inputs = Object.entries(types?.inputs ?? {}).filter(([, kind]) => kind === type);
  return inputs.map(([port]) => entry.inputs?.[port]).find(isLink);
}

/** A muted node takes with it whatever cannot do without it. */
function mute(file: WorkflowFile, ids: readonly string[], typesOf: TypesOf): WorkflowFile {
  const gone = new Set(ids);
  const wires = wiresOf(file);
  let grew = gone.size > 0;
  while (grew) {
    const lost = wires.filter(({ source, target }) => {
      const type = file.nodes[target.node]?.type ?? "";
      return gone.has(source.node) && !gone.has(target.node) && typesOf(type)?.required.has(target.port);
    });
    for (const { target } of lost) gone.add(target.node);
    grew = lost.length > 0;
  }
  return gone.size > 0 ? removeNodes([...gone])(file) : file;
}

function ancestorsOnly(file: WorkflowFile, ids: readonly string[]): WorkflowFile {
  const kept = above(file, ids);
  const dropped = Object.keys(file.nodes).filter((id) => !kept.has(id));
  const { parameters = {} } = file;
  const lost = Object.keys(parameters).filter((name) => !kept.has(parseLink(parameters[name] ?? "").node));
  return { ...file, nodes: without(file.nodes, dropped), parameters: without(parameters, lost) };
}

function sourcesOf(entry: NodeEntry | undefined): string[] {
  return Object.values(entry?.inputs ?? {}).flatMap((value) => linksIn(value).map(({ link }) => parseLink(link).node));
}

function reach(from: readonly string[], next: (id: string) => string[]): Set<string> {
  const seen = new Set(from);
  const open = [...from];
  for (let id = open.pop(); id !== undefined; id = open.pop()) {
    for (const other of next(id)) {
      if (seen.has(other)) continue;
      seen.add(other);
      open.push(other);
    }
  }
  return seen;
}
