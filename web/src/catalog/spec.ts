/** A node type as the page uses it, read from the JSON Schema the server sends. */

import { type Json, type JsonObject, isObject } from "../document/model";

export interface PortSpec {
  name: string;
  description: string;
  type: string;
  optional: boolean;
  /** Takes whatever comes: its type is a letter that stands for the same type on all ports. */
  variable: boolean;
  /** Takes a list of links. */
  many: boolean;
}

export interface SettingSpec {
  name: string;
  description: string;
  /** The schema of the value: widgets read bounds, steps and choices from it. */
  schema: JsonObject;
  required: boolean;
  default: Json | undefined;
}

export interface OutputSpec {
  name: string;
  type: string;
}

export interface NodeSpec {
  type: string;
  version: number;
  summary: string;
  description: string;
  category: string;
  /** Does something by itself: saves or shows; such nodes are what a run is for. */
  effect: boolean;
  inputs: PortSpec[];
  settings: SettingSpec[];
  outputs: OutputSpec[];
}

export function readSpec(schema: Json): NodeSpec | undefined {
  if (!isObject(schema) || typeof schema["title"] !== "string") return undefined;
  const description = text(schema["description"]);
  const required = new Set(Array.isArray(schema["required"]) ? schema["required"] : []);
  const properties = Object.entries(isObject(schema["properties"]) ? schema["properties"] : {});
  const ports: PortSpec[] = [];
  const settings: SettingSpec[] = [];
  for (const [name, property] of properties) {
    if (!isObject(property)) continue;
    const port = readPort(name, property);
    if (port) ports.push(port);
    else settings.push(readSetting(name, property, required.has(name)));
  }
  return {
    type: schema["title"],
    version: Number(text(schema["$id"]).split("@").at(-1)) || 1,
    summary: description.split("\n\n")[0]?.replaceAll("\n", " ") ?? "",
    description,
    category: text(schema["x-category"]) || "other",
    effect: schema["x-effect"] === true,
    inputs: ports,
    settings,
    outputs: Object.entries(isObject(schema["x-outputs"]) ? schema["x-outputs"] : {}).map(([name, type]) => ({
      name,
      type: text(type),
    })),
  };
}

function readPort(name: string, property: JsonObject): PortSpec | undefined {
  const items = isObject(property["items"]) ? property["items"] : undefined;
  const type = property["x-link"] ?? items?.["x-link"];
  if (typeof type !== "string") return undefined;
  return {
    name,
    type,
    description: text(property["description"]),
    optional: property["x-optional"] === true,
    variable: property["x-variable"] === true,
    many: items !== undefined,
  };
}

function readSetting(name: string, property: JsonObject, required: boolean): SettingSpec {
  return {
    name,
    description: text(property["description"]),
    schema: property,
    required,
    default: property["default"],
  };
}

function text(value: Json | undefined): string {
  return typeof value === "string" ? value : "";
}
