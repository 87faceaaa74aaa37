/** The workflow file, `latentgraph/1`, kept whole: what we do not know rides along untouched. */

export type Json = null | boolean | number | string | Json[] | JsonObject;
export interface JsonObject {
  [key: string]: Json | undefined;
}

/** `node.output`; the node's id may hold dots, the output's name never does. */
export interface Link extends JsonObject {
  link: string;
}

/** What an input is set to: a link, or any value its schema takes. */
export type InputValue = Json;

export interface NodeEntry extends JsonObject {
  type: string;
  version?: number;
  inputs?: Record<string, InputValue>;
  /** `mute` or `bypass`: what the engine does instead of running it. */
  mode?: string;
}

export type Point = [x: number, y: number];

export interface Group extends JsonObject {
  title: string;
  /** x, y, width, height. */
  bounds: number[];
  color?: string;
}

export interface Note extends JsonObject {
  text: string;
  bounds: number[];
}

export interface Layout extends JsonObject {
  nodes?: Record<string, Point>;
  groups?: Group[];
  notes?: Note[];
  collapsed?: string[];
  /** Nodes that show the settings seldom touched, too. */
  expanded?: string[];
  titles?: Record<string, string>;
  seeds?: Record<string, string>;
}

export interface WorkflowFile extends JsonObject {
  format: string;
  meta?: JsonObject;
  parameters?: Record<string, string>;
  nodes: Record<string, NodeEntry>;
  layout?: Layout;
}

export const FORMAT = "latentgraph/1";

export function emptyFile(): WorkflowFile {
  return { format: FORMAT, nodes: {} };
}

export function isObject(value: Json | undefined): value is JsonObject {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

export function isLink(value: Json | undefined): value is Link {
  return isObject(value) && typeof value["link"] === "string" && Object.keys(value).length === 1;
}

export interface Endpoint {
  node: string;
  port: string;
}

export function parseLink(link: string): Endpoint {
  const dot = link.lastIndexOf(".");
  return { node: link.slice(0, dot), port: link.slice(dot + 1) };
}

export function linkTo(source: Endpoint): Link {
  return { link: `${source.node}.${source.port}` };
}

export interface Wire {
  source: Endpoint;
  target: Endpoint;
}

/** The links of an input: none, one, or the several of an input that takes a list. */
export function linksIn(value: InputValue | undefined): Link[] {
  if (isLink(value)) return [value];
  return Array.isArray(value) ? value.filter(isLink) : [];
}

/** Every wire of a file, also those whose source is missing. */
export function wiresOf(file: WorkflowFile): Wire[] {
  return Object.entries(file.nodes).flatMap(([node, entry]) =>
    Object.entries(entry.inputs ?? {}).flatMap(([port, value]) =>
      linksIn(value).map(({ link }) => ({ source: parseLink(link), target: { node, port } })),
    ),
  );
}

/** Whether parsed JSON is a workflow we can show; the server's check judges the rest. */
export function isWorkflow(value: Json | undefined): value is WorkflowFile {
  if (!isObject(value) || typeof value["format"] !== "string" || !isObject(value["nodes"])) return false;
  return Object.values(value["nodes"]).every(
    (entry) => isObject(entry) && typeof entry["type"] === "string",
  );
}
