/** Reads a workflow's text and writes it back, changing only the bytes of what was changed. */

import { type Json, type JsonObject, type WorkflowFile, isObject, isWorkflow } from "./model";
import { type Span, scan } from "./scan";

/** The text a file was read from: what was not changed is written as it stood, `3.0` as `3.0`. */
export interface Source {
  text: string;
  file: WorkflowFile;
}

export interface Read {
  file: WorkflowFile;
  source: Source;
}

export class NotAWorkflowError extends Error {}

export function readText(text: string): Read {
  let file: Json;
  try {
    file = JSON.parse(text) as Json;
  } catch (error) {
    throw new NotAWorkflowError(error instanceof Error ? error.message : String(error));
  }
  if (!isWorkflow(file)) throw new NotAWorkflowError("no format and nodes");
  return { file, source: { text, file } };
}

export function writeText(file: WorkflowFile, source?: Source): string {
  if (!source) return `${JSON.stringify(file, null, 2)}\n`;
  if (file === source.file) return source.text;
  const writer = new Writer(source.text);
  const span = scan(source.text);
  return source.text.slice(0, span.start) + writer.value(file, source.file, span, "") + source.text.slice(span.end);
}

class Writer {
  private readonly indent: string;

  constructor(private readonly text: string) {
    this.indent = /\n([ \t]+)"/.exec(text)?.[1] ?? (text.includes("\n") ? "  " : "");
  }

  value(now: Json, before: Json | undefined, span: Span | undefined, margin: string): string {
    if (span && isSame(now, before)) return this.text.slice(span.start, span.end);
    if (isObject(now)) return this.object(now, before, span, margin);
    return this.fresh(now, margin);
  }

  private object(now: JsonObject, before: Json | undefined, span: Span | undefined, margin: string): string {
    const old = isObject(before) ? before : {};
    const inner = margin + this.indent;
    const known = [...(span?.members?.keys() ?? [])].filter((key) => now[key] !== undefined);
    const added = Object.keys(now).filter((key) => now[key] !== undefined && !span?.members?.has(key));
    const members = [...known, ...added].map((key) => {
      const value = this.value(now[key] ?? null, old[key], span?.members?.get(key), inner);
      return `${JSON.stringify(key)}: ${value}`;
    });
    if (members.length === 0) return "{}";
    if (!this.indent) return `{${members.join(", ")}}`;
    return `{\n${inner}${members.join(`,\n${inner}`)}\n${margin}}`;
  }

  private fresh(value: Json, margin: string): string {
    // A point or a box reads best on one line, as the shipped files have them.
    if (Array.isArray(value) && value.every((item) => typeof item !== "object")) {
      return `[${value.map((item) => JSON.stringify(item)).join(", ")}]`;
    }
    return JSON.stringify(value, null, this.indent).replaceAll("\n", `\n${margin}`);
  }
}

function isSame(a: Json | undefined, b: Json | undefined): boolean {
  if (a === b) return true;
  if (Array.isArray(a) && Array.isArray(b)) return a.length === b.length && a.every((item, at) => isSame(item, b[at]));
  if (!isObject(a) || !isObject(b)) return false;
  const keys = Object.keys(a);
  return keys.length === Object.keys(b).length && keys.every((key) => key in b && isSame(a[key], b[key]));
}
