/** What all changes are made of: copies that share whatever stayed the same. */

import { type InputValue, type Layout, type NodeEntry, type WorkflowFile, isLink } from "../model";

export type Change = (file: WorkflowFile) => WorkflowFile;

export function chain(changes: readonly Change[]): Change {
  return (file) => changes.reduce((now, change) => change(now), file);
}

export function withLayout(file: WorkflowFile, change: (layout: Layout) => Layout): WorkflowFile {
  return { ...file, layout: change(file.layout ?? {}) };
}

export function withNode(file: WorkflowFile, id: string, change: (entry: NodeEntry) => NodeEntry): WorkflowFile {
  const entry = file.nodes[id];
  return entry ? { ...file, nodes: { ...file.nodes, [id]: change(entry) } } : file;
}

export function withInput(file: WorkflowFile, id: string, port: string, value: InputValue | undefined): WorkflowFile {
  return withNode(file, id, (entry) => ({
    ...entry,
    inputs: value === undefined ? without(entry.inputs ?? {}, [port]) : { ...entry.inputs, [port]: value },
  }));
}

export function without<T>(record: Record<string, T>, keys: readonly string[]): Record<string, T> {
  if (!keys.some((key) => key in record)) return record;
  return Object.fromEntries(Object.entries(record).filter(([key]) => !keys.includes(key)));
}

/** Sends every link through `map`; one that becomes nothing is taken out. Nodes without are kept as they are. */
export function mapLinks(file: WorkflowFile, map: (link: string) => string | undefined): WorkflowFile {
  const nodes = { ...file.nodes };
  for (const [id, entry] of Object.entries(file.nodes)) {
    const inputs = mapInputs(entry.inputs ?? {}, map);
    if (inputs) nodes[id] = { ...entry, inputs };
  }
  return { ...file, nodes };
}

function mapInputs(
  inputs: Record<string, InputValue>,
  map: (link: string) => string | undefined,
): Record<string, InputValue> | undefined {
  let changed = false;
  const kept: [string, InputValue][] = [];
  for (const [port, value] of Object.entries(inputs)) {
    const next = mapValue(value, map);
    changed ||= next !== value;
    if (next !== undefined) kept.push([port, next]);
  }
  return changed ? Object.fromEntries(kept) : undefined;
}

function mapValue(value: InputValue, map: (link: string) => string | undefined): InputValue | undefined {
  if (isLink(value)) {
    const link = map(value.link);
    if (link === value.link) return value;
    return link === undefined ? undefined : { link };
  }
  if (!Array.isArray(value)) return value;
  const items = value.map((item) => (isLink(item) ? mapValue(item, map) : item)).filter((item) => item !== undefined);
  return items.length === value.length && items.every((item, at) => item === value[at]) ? value : items;
}
