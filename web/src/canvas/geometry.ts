/** Where everything on a node is, from its specification alone: nothing is ever measured. */

import { kindOf, linkTypeOf } from "../catalog/settings";
import { type NodeSpec, type PortSpec, type SettingSpec } from "../catalog/spec";
import { type NodeEntry, linksIn } from "../document/model";

export const WIDTH = 264;
export const HEAD = 34;
export const ROW = 24;
export const SETTING = 30;
const PAD = 8;
const FIRST_SETTINGS = 2;
const TEXT_LINE = 18;
const TEXT_LETTERS = 36;
const TEXT_LINES = { least: 2, most: 9 };

export type Side = "in" | "out";

export type Row =
  | { kind: "output"; name: string; type: string; y: number; height: number }
  | { kind: "input"; port: PortSpec; y: number; height: number }
  | { kind: "setting"; setting: SettingSpec; y: number; height: number }
  /** An input that the file has and the type does not know; it is kept and shown. */
  | { kind: "unknown"; name: string; y: number; height: number }
  /** Shows or hides the settings that are seldom touched. */
  | { kind: "more"; count: number; y: number; height: number };

/** How much of a node is drawn. */
export interface Extent {
  collapsed: boolean;
  /** With the settings that are seldom touched. */
  expanded: boolean;
}

export const WHOLE: Extent = { collapsed: false, expanded: true };

export interface Geometry {
  width: number;
  height: number;
  rows: Row[];
  sockets: SocketPlace[];
}

export interface SocketPlace {
  side: Side;
  name: string;
  type: string;
  /** The middle of the socket, from the node's top. */
  y: number;
}

type RowOf<R> = R extends Row ? Omit<R, "y"> : never;

export function geometryOf(entry: NodeEntry, spec: NodeSpec | undefined, { collapsed, expanded }: Extent, outputsRead: readonly string[] = []): Geometry {
  const rows: Row[] = [];
  let y = HEAD + PAD / 2;
  for (const row of rowsOf(entry, spec, expanded, outputsRead)) {
    rows.push({ ...row, y });
    y += row.height;
  }
  const sockets = rows.map((row) => socketOf(row)).filter((socket) => socket !== undefined);
  if (!collapsed) return { width: WIDTH, height: y + PAD / 2, rows, sockets };
  return { width: WIDTH, height: HEAD, rows: [], sockets: sockets.map((socket) => ({ ...socket, y: HEAD / 2 })) };
}

function rowsOf(entry: NodeEntry, spec: NodeSpec | undefined, expanded: boolean, outputsRead: readonly string[]): RowOf<Row>[] {
  if (!spec) return rowsOfUnknown(entry, outputsRead);
  const known = new Set([...spec.inputs, ...spec.settings].map(({ name }) => name));
  const unknown = Object.keys(entry.inputs ?? {}).filter((name) => !known.has(name));
  return [
    ...spec.outputs.map(({ name, type }) => ({ kind: "output" as const, name, type, height: ROW })),
    ...spec.inputs.map((port) => ({ kind: "input" as const, port, height: ROW })),
    ...unknown.map((name) => ({ kind: "unknown" as const, name, height: ROW })),
    ...settingRows(entry, spec, expanded),
  ];
}

function settingRows(entry: NodeEntry, spec: NodeSpec, expanded: boolean): RowOf<Row>[] {
  const seldom = spec.settings.filter((setting, at) => isSeldom(entry, setting, at));
  const hides = seldom.length > 1;
  const shown = hides && !expanded ? spec.settings.filter((setting) => !seldom.includes(setting)) : spec.settings;
  const rows = shown.map((setting) => ({ kind: "setting" as const, setting, height: settingHeight(entry, setting) }));
  return hides ? [...rows, { kind: "more", count: expanded ? 0 : seldom.length, height: ROW }] : rows;
}

/** Not among the first, left at its default, and of no kind that a picture depends on most. */
function isSeldom(entry: NodeEntry, setting: SettingSpec, at: number): boolean {
  if (at < FIRST_SETTINGS || setting.required || entry.inputs?.[setting.name] !== undefined) return false;
  return !["seed", "text", "model", "input"].includes(kindOf(setting));
}

/** Of a type we do not know: what the file itself tells, and the outputs that others read. */
function rowsOfUnknown(entry: NodeEntry, outputsRead: readonly string[]): RowOf<Row>[] {
  return [
    ...outputsRead.map((name) => ({ kind: "output" as const, name, type: "", height: ROW })),
    ...Object.keys(entry.inputs ?? {}).map((name) => ({ kind: "unknown" as const, name, height: ROW })),
  ];
}

function settingHeight(entry: NodeEntry, setting: SettingSpec): number {
  const value = entry.inputs?.[setting.name] ?? setting.default;
  if (kindOf(setting) !== "text" || linksIn(value).length > 0) return SETTING;
  const lines = linesOf(typeof value === "string" ? value : "");
  return Math.min(Math.max(lines, TEXT_LINES.least), TEXT_LINES.most) * TEXT_LINE + 18;
}

function linesOf(text: string): number {
  return text.split("\n").reduce((sum, line) => sum + Math.max(1, Math.ceil(widthOf(line) / TEXT_LETTERS)), 0);
}

/** In letters; Korean and Chinese ones are twice as wide. */
function widthOf(line: string): number {
  return [...line].reduce((sum, letter) => sum + ((letter.codePointAt(0) ?? 0) >= 0x1100 ? 1.9 : 1), 0);
}

function socketOf(row: Row): SocketPlace | undefined {
  const middle = row.y + ROW / 2;
  switch (row.kind) {
    case "output":
      return { side: "out", name: row.name, type: row.type, y: middle };
    case "input":
      return { side: "in", name: row.port.name, type: row.port.type, y: middle };
    case "unknown":
      return { side: "in", name: row.name, type: "", y: middle };
    case "more":
      return undefined;
    case "setting": {
      const type = linkTypeOf(row.setting);
      return type ? { side: "in", name: row.setting.name, type, y: row.y + SETTING / 2 } : undefined;
    }
  }
}
