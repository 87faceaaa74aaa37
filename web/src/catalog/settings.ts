/** What a setting takes, read from its schema: which widget shows it, and what may be linked to it. */

import { type Json, type JsonObject } from "../document/model";
import { type SettingSpec } from "./spec";

export type SettingKind = "number" | "seed" | "text" | "line" | "choice" | "switch" | "model" | "input" | "json";

export function kindOf({ schema }: SettingSpec): SettingKind {
  if (schema["x-file"] === "models") return "model";
  if (schema["x-file"] === "inputs") return "input";
  if (Array.isArray(schema["enum"])) return "choice";
  if (schema["x-seed"] === true) return "seed";
  switch (plainType(schema)) {
    case "integer":
    case "number":
      return "number";
    case "boolean":
      return "switch";
    case "string":
      return schema["x-multiline"] === true ? "text" : "line";
    default:
      return "json";
  }
}

/** The type of a link that may take the setting's place, as outputs are named in Python. */
export function linkTypeOf({ schema }: SettingSpec): string {
  const names: Record<string, string> = { integer: "int", number: "float", boolean: "bool", string: "str" };
  return names[plainType(schema) ?? ""] ?? "";
}

export function plainType(schema: JsonObject): string | undefined {
  const { type } = schema;
  if (typeof type === "string") return type;
  return Array.isArray(type) ? type.find((name): name is string => typeof name === "string" && name !== "null") : undefined;
}

export function isNullable(schema: JsonObject): boolean {
  return Array.isArray(schema["type"]) && schema["type"].includes("null");
}

export interface Bounds {
  min: number;
  max: number;
  step: number;
  integer: boolean;
}

export function boundsOf(schema: JsonObject): Bounds {
  const integer = plainType(schema) === "integer";
  return {
    min: numberOr(schema["minimum"], Number.NEGATIVE_INFINITY),
    max: numberOr(schema["maximum"], Number.POSITIVE_INFINITY),
    step: numberOr(schema["x-step"], integer ? 1 : 0.1),
    integer,
  };
}

function numberOr(value: Json | undefined, other: number): number {
  return typeof value === "number" ? value : other;
}
