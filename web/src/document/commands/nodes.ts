/** Adding, removing and naming nodes. Every function takes a file and gives the changed one. */

import { type JsonObject, type Layout, type NodeEntry, type Point, type WorkflowFile, isLink, linkTo, parseLink } from "../model";
import { type Change, mapLinks, withLayout, withNode, without } from "./change";

export function addNode(id: string, entry: NodeEntry, at: Point): Change {
  return (file) => placed({ ...file, nodes: { ...file.nodes, [id]: entry } }, { [id]: at });
}

export function removeNodes(ids: readonly string[]): Change {
  const gone = new Set(ids);
  return (file) => {
    const rest = { ...file, nodes: without(file.nodes, ids) };
    const unlinked = mapLinks(rest, (link) => (gone.has(parseLink(link).node) ? undefined : link));
    return forget(dropParameters(unlinked, gone), ids);
  };
}

/** Gives a node another id; the links, the parameters and the layout follow. */
export function renameNode(from: string, to: string): Change {
  return (file) => {
    if (from === to || !file.nodes[from] || file.nodes[to]) return file;
    const follow = (link: string): string => {
      const { node, port } = parseLink(link);
      return node === from ? linkTo({ node: to, port }).link : link;
    };
    const linked = mapLinks({ ...file, nodes: renameKey(file.nodes, from, to) }, follow);
    const { parameters, layout } = linked;
    return {
      ...linked,
      ...(parameters && { parameters: mapValues(parameters, follow) }),
      ...(layout && { layout: renameIn(layout, from, to) }),
    };
  };
}

export function setTitle(id: string, title: string): Change {
  return (file) =>
    withLayout(file, (layout) => {
      const titles = title ? { ...layout.titles, [id]: title } : without(layout.titles ?? {}, [id]);
      return { ...layout, titles };
    });
}

/** Says which version of its type a node is made for, as fixes of the check may ask. */
export function replaceEntry(id: string, entry: NodeEntry): Change {
  return (file) => withNode(file, id, () => entry);
}

export function moveNodes(positions: Record<string, Point>): Change {
  return (file) => placed(file, positions);
}

/** Lists of nodes in the layout: drawn as their head alone, or with all their settings. */
const LISTS = ["collapsed", "expanded"] as const;
export type NodeList = (typeof LISTS)[number];

export function setListed(list: NodeList, ids: readonly string[], on: boolean): Change {
  return (file) =>
    withLayout(file, (layout) => {
      const others = idsIn(layout, list).filter((id) => !ids.includes(id));
      const next = on ? [...others, ...ids] : others;
      return next.length > 0 ? { ...layout, [list]: next } : without(layout, [list]);
    });
}

/** What the engine does with a step: it runs, is left out, or hands on what it reads. */
export type Mode = "mute" | "bypass";

export function setMode(mode: Mode | undefined, ids: readonly string[]): Change {
  return (file) => ids.reduce((now, id) => withNode(now, id, (entry) => (mode ? { ...entry, mode } : (without(entry, ["mode"]) as NodeEntry))), file);
}

export function idsIn(layout: Layout | undefined, list: NodeList): string[] {
  const ids = layout?.[list];
  return Array.isArray(ids) ? ids.filter((id) => typeof id === "string") : [];
}

/** An id nobody has, after the type: `resize`, `resize_2`, as the engine names new steps. */
export function freshId(type: string, taken: JsonObject): string {
  const stem = type.replaceAll(/(?<=[a-z0-9])(?=[A-Z])/g, "_").toLowerCase() || "node";
  if (taken[stem] === undefined) return stem;
  let count = 2;
  while (taken[`${stem}_${count}`] !== undefined) count += 1;
  return `${stem}_${count}`;
}

function placed(file: WorkflowFile, positions: Record<string, Point>): WorkflowFile {
  return withLayout(file, (layout) => ({ ...layout, nodes: { ...layout.nodes, ...positions } }));
}

function forget(file: WorkflowFile, ids: readonly string[]): WorkflowFile {
  const { layout } = file;
  if (!layout) return file;
  const next: Layout = { ...layout };
  if (layout.nodes) next.nodes = without(layout.nodes, ids);
  if (layout.titles) next.titles = without(layout.titles, ids);
  for (const list of LISTS) if (layout[list]) next[list] = idsIn(layout, list).filter((id) => !ids.includes(id));
  return { ...file, layout: next };
}

function dropParameters(file: WorkflowFile, gone: ReadonlySet<string>): WorkflowFile {
  if (!file.parameters) return file;
  const kept = Object.entries(file.parameters).filter(([, target]) => !gone.has(parseLink(target).node));
  return kept.length === Object.keys(file.parameters).length ? file : { ...file, parameters: Object.fromEntries(kept) };
}

function renameIn(layout: Layout, from: string, to: string): Layout {
  const next: Layout = { ...layout };
  if (layout.nodes) next.nodes = renameKey(layout.nodes, from, to);
  if (layout.titles) next.titles = renameKey(layout.titles, from, to);
  if (layout.seeds) {
    const seeds = Object.entries(layout.seeds).map(([at, policy]) => {
      const { node, port } = parseLink(at);
      return [node === from ? linkTo({ node: to, port }).link : at, policy];
    });
    next.seeds = Object.fromEntries(seeds) as Record<string, string>;
  }
  for (const list of LISTS) if (layout[list]) next[list] = idsIn(layout, list).map((id) => (id === from ? to : id));
  return next;
}

function renameKey<T>(record: Record<string, T>, from: string, to: string): Record<string, T> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key === from ? to : key, value]));
}

function mapValues(record: Record<string, string>, map: (value: string) => string): Record<string, string> {
  return Object.fromEntries(Object.entries(record).map(([key, value]) => [key, map(value)]));
}

/** The other end of an input's link, when it has exactly one. */
export function sourceOf(entry: NodeEntry | undefined, port: string): string | undefined {
  const value = entry?.inputs?.[port];
  return isLink(value) ? value.link : undefined;
}
