/** The graph from afar, painted: a mark for every node and a line for every wire, no elements at all. */

import { type Severity } from "../check/problem";
import { type StepStatus } from "../run/store";
import { categoryHue, typeHue } from "../theme/hues";
import { type GraphNodeType, type WireType } from "./derive";
import { type ViewBox, isInView } from "./detail";
import { type Side } from "./geometry";

export interface Sheet {
  nodes: readonly GraphNodeType[];
  wires: readonly WireLines[];
  statusOf(node: string): StepStatus | undefined;
  severityOf(node: string): Severity | undefined;
  tone(name: string): string;
}

/** All wires of one type: from and to, as x, y, x, y. */
export interface WireLines {
  hue: number;
  lines: readonly Line[];
}

type Line = readonly [fromX: number, fromY: number, toX: number, toY: number];

const HEAD = 44;
const EDGE = 14;
const TITLE_FROM = 0.22;
const TITLE = 40;
const STATUS: Partial<Record<StepStatus, string>> = { running: "--info", failed: "--bad", done: "--good", cached: "--good" };

export function paintSheet(context: CanvasRenderingContext2D, sheet: Sheet, box: ViewBox, zoom: number): void {
  const { nodes, wires, tone } = sheet;
  const light = Number(tone("--hue-l"));
  context.lineWidth = 6;
  for (const { hue, lines } of wires) {
    context.strokeStyle = `oklch(${light - 0.12} ${tone("--hue-c")} ${hue})`;
    context.beginPath();
    for (const line of lines) if (crosses(line, box)) addLine(context, line);
    context.stroke();
  }
  const body = tone("--surface-2");
  const text = tone("--text-1");
  context.font = `600 ${TITLE}px ${tone("--font")}`;
  context.textBaseline = "middle";
  for (const node of nodes) {
    if (!isInView(node, box)) continue;
    const { position, data } = node;
    const { width, height } = data.geometry;
    const edge = edgeOf(node, sheet);
    if (edge) {
      context.fillStyle = tone(edge);
      context.fillRect(position.x - EDGE, position.y - EDGE, width + 2 * EDGE, height + 2 * EDGE);
    }
    context.fillStyle = body;
    context.fillRect(position.x, position.y, width, height);
    context.fillStyle = `oklch(${light} ${tone("--hue-c")} ${categoryHue(data.spec?.category ?? "")})`;
    context.fillRect(position.x, position.y, width, Math.min(HEAD, height));
    if (zoom < TITLE_FROM) continue;
    context.fillStyle = text;
    context.fillText(node.ariaLabel ?? "", position.x + 10, position.y + HEAD + TITLE, width - 20);
  }
}

function edgeOf({ id, selected }: GraphNodeType, { statusOf, severityOf }: Sheet): string | undefined {
  if (selected) return "--accent";
  const status = statusOf(id);
  if (status && STATUS[status]) return STATUS[status];
  return severityOf(id) === "error" ? "--bad" : undefined;
}

export function wireLines(nodes: readonly GraphNodeType[], wires: readonly WireType[]): WireLines[] {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const byType = new Map<string, Line[]>();
  for (const { source, target, sourceHandle, targetHandle, data } of wires) {
    const from = endOf(byId.get(source), "out", sourceHandle);
    const to = endOf(byId.get(target), "in", targetHandle);
    if (!from || !to) continue;
    const type = data?.type ?? "";
    const lines = byType.get(type) ?? [];
    byType.set(type, lines);
    lines.push([...from, ...to]);
  }
  return [...byType].map(([type, lines]) => ({ hue: typeHue(type), lines }));
}

function addLine(context: CanvasRenderingContext2D, [fromX, fromY, toX, toY]: Line): void {
  const bend = bendOf(fromX, toX);
  context.moveTo(fromX, fromY);
  context.bezierCurveTo(fromX + bend, fromY, toX - bend, toY, toX, toY);
}

function bendOf(fromX: number, toX: number): number {
  return Math.max(60, Math.abs(toX - fromX) / 2);
}

function crosses([fromX, fromY, toX, toY]: Line, { x, y, width, height }: ViewBox): boolean {
  const bend = bendOf(fromX, toX);
  const [left, right] = [Math.min(fromX, toX - bend), Math.max(fromX + bend, toX)];
  return right > x && left < x + width && Math.max(fromY, toY) > y && Math.min(fromY, toY) < y + height;
}

/** The node under a point of the graph; the one drawn last lies on top. */
export function nodeAt(nodes: readonly GraphNodeType[], x: number, y: number): GraphNodeType | undefined {
  return nodes.findLast((node) => isInView(node, { x, y, width: 0, height: 0 }));
}

function endOf(node: GraphNodeType | undefined, side: Side, handle: string | null | undefined): [number, number] | undefined {
  const { geometry } = node?.data ?? {};
  if (!node || !geometry) return undefined;
  const socket = geometry.sockets.find((item) => `${item.side}:${item.name}` === handle);
  return [node.position.x + (side === "out" ? geometry.width : 0), node.position.y + (socket?.y ?? 0)];
}
