/** The graph as a list to read from top to bottom: sources before what reads from them. */

import { type NodeSpec, type SettingSpec } from "../catalog/spec";
import { type Endpoint, type InputValue, type NodeEntry, type WorkflowFile, linksIn, parseLink, wiresOf } from "../document/model";

export type OutlineInput =
  | { kind: "port"; name: string; type: string; sources: Endpoint[]; missing: boolean; many: boolean }
  | { kind: "setting"; name: string; setting: SettingSpec; value: InputValue | undefined; sources: Endpoint[] }
  /** Something the file has and the type does not know. */
  | { kind: "unknown"; name: string; value: InputValue; sources: Endpoint[] };

export interface OutlineOutput {
  name: string;
  type: string;
  readers: Endpoint[];
}

export interface OutlineNode {
  id: string;
  type: string;
  title: string;
  mode: string | undefined;
  inputs: OutlineInput[];
  outputs: OutlineOutput[];
}

export function outlineOf(file: WorkflowFile, specs: Readonly<Record<string, NodeSpec>>): OutlineNode[] {
  const readers = readersOf(file);
  return inOrder(file).map((id) => {
    const entry = file.nodes[id] as NodeEntry;
    const spec = specs[entry.type];
    return {
      id,
      type: entry.type,
      title: file.layout?.titles?.[id] ?? id,
      mode: typeof entry["mode"] === "string" ? entry["mode"] : undefined,
      inputs: inputsOf(entry, spec),
      outputs: outputsOf(id, spec, readers),
    };
  });
}

/** Topological, in the order of the file where it leaves a choice; steps of a cycle come last. */
export function inOrder(file: WorkflowFile): string[] {
  const ids = Object.keys(file.nodes);
  const missing = new Map(ids.map((id) => [id, 0]));
  const readers = new Map<string, string[]>();
  for (const { source, target } of wiresOf(file)) {
    if (!missing.has(source.node)) continue;
    missing.set(target.node, (missing.get(target.node) ?? 0) + 1);
    readers.set(source.node, [...(readers.get(source.node) ?? []), target.node]);
  }
  const order = ids.filter((id) => missing.get(id) === 0);
  for (const id of order) {
    for (const reader of readers.get(id) ?? []) {
      const left = (missing.get(reader) ?? 0) - 1;
      missing.set(reader, left);
      if (left === 0) order.push(reader);
    }
  }
  const done = new Set(order);
  return [...order, ...ids.filter((id) => !done.has(id))];
}

function inputsOf(entry: NodeEntry, spec: NodeSpec | undefined): OutlineInput[] {
  const values = entry.inputs ?? {};
  const known = new Set([...(spec?.inputs ?? []), ...(spec?.settings ?? [])].map(({ name }) => name));
  return [
    ...(spec?.inputs ?? []).map((port): OutlineInput => {
      const sources = sourcesIn(values[port.name]);
      return { kind: "port", name: port.name, type: port.type, sources, missing: !port.optional && sources.length === 0, many: port.many };
    }),
    ...(spec?.settings ?? []).map(
      (setting): OutlineInput => ({ kind: "setting", name: setting.name, setting, value: values[setting.name], sources: sourcesIn(values[setting.name]) }),
    ),
    ...Object.entries(values)
      .filter(([name]) => !known.has(name))
      .map(([name, value]): OutlineInput => ({ kind: "unknown", name, value, sources: sourcesIn(value) })),
  ];
}

function outputsOf(id: string, spec: NodeSpec | undefined, readers: Map<string, Endpoint[]>): OutlineOutput[] {
  const names = new Map(spec?.outputs.map(({ name, type }) => [name, type]));
  for (const link of readers.keys()) {
    const { node, port } = parseLink(link);
    if (node === id && !names.has(port)) names.set(port, "");
  }
  return [...names].map(([name, type]) => ({ name, type, readers: readers.get(`${id}.${name}`) ?? [] }));
}

function sourcesIn(value: InputValue | undefined): Endpoint[] {
  return linksIn(value).map(({ link }) => parseLink(link));
}

function readersOf(file: WorkflowFile): Map<string, Endpoint[]> {
  const readers = new Map<string, Endpoint[]>();
  for (const { source, target } of wiresOf(file)) {
    const link = `${source.node}.${source.port}`;
    readers.set(link, [...(readers.get(link) ?? []), target]);
  }
  return readers;
}
