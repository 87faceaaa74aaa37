/** A workflow out of a file somebody has: our JSON, or a picture of ours that carries it. */

import { type Json, isObject } from "../document/model";
import { type Read, NotAWorkflowError, readText } from "../document/text";
import { PngError, isPng, readPngTexts } from "./read-png";

const LARGEST_JSON = 20_000_000;
const LARGEST_PICTURE = 256_000_000;
const DEEPEST = 64;

export const WORKFLOW_TEXT = "latentgraph.workflow";
export const RECEIPT_TEXT = "latentgraph.run";
/** What another program calls its graph: found, we can say whose it is. */
const FOREIGN_TEXTS = ["workflow", "prompt", "parameters"];

export type Refusal = "too-large" | "not-json" | "not-a-workflow" | "no-workflow" | "foreign" | "damaged" | "other-kind";

/** Why a file was not opened; `files.refused.*` is the sentence. */
export class FileRefusedError extends Error {
  constructor(
    readonly refusal: Refusal,
    readonly fileName: string,
  ) {
    super(`${fileName}: ${refusal}`);
  }
}

/** Whether a file is a picture that carries no workflow: it may be wanted as an input then. */
export function isPlainPicture(error: unknown): error is FileRefusedError {
  return error instanceof FileRefusedError && (error.refusal === "no-workflow" || error.refusal === "foreign");
}

/** @throws FileRefusedError */
export async function readWorkflowFile(file: File): Promise<Read> {
  const head = new Uint8Array(await file.slice(0, 8).arrayBuffer());
  if (isPng(head)) return readPicture(file);
  if (file.type.startsWith("image/")) throw new FileRefusedError("no-workflow", file.name);
  if (file.size > LARGEST_JSON) throw new FileRefusedError("too-large", file.name);
  return readJson(await file.text(), file.name);
}

/** @throws FileRefusedError */
export function readJson(text: string, name: string): Read {
  if (text.length > LARGEST_JSON) throw new FileRefusedError("too-large", name);
  if (!/^\s*\{/.test(text)) throw new FileRefusedError("other-kind", name);
  if (depthOf(text) > DEEPEST) throw new FileRefusedError("damaged", name);
  try {
    return readText(text);
  } catch (error) {
    if (error instanceof NotAWorkflowError) throw new FileRefusedError(isJson(text) ? "not-a-workflow" : "not-json", name);
    throw error;
  }
}

async function readPicture(file: File): Promise<Read> {
  if (file.size > LARGEST_PICTURE) throw new FileRefusedError("too-large", file.name);
  const texts = pictureTexts(new Uint8Array(await file.arrayBuffer()), file.name);
  const text = texts.get(WORKFLOW_TEXT);
  if (text !== undefined) return readJson(text, file.name);
  throw new FileRefusedError(FOREIGN_TEXTS.some((known) => texts.has(known)) ? "foreign" : "no-workflow", file.name);
}

function pictureTexts(bytes: Uint8Array, name: string): Map<string, string> {
  try {
    return readPngTexts(bytes, [WORKFLOW_TEXT, ...FOREIGN_TEXTS]);
  } catch (error) {
    if (error instanceof PngError) throw new FileRefusedError(error.fault === "too-long" ? "too-large" : "damaged", name);
    throw error;
  }
}

export interface Receipt {
  seeds: Record<string, number>;
  numerics?: string;
}

/** What a picture of ours says about how it was made; undefined when it says nothing. */
export function readReceipt(bytes: Uint8Array): { workflow: Read; receipt: Receipt } | undefined {
  try {
    if (!isPng(bytes)) return undefined;
    const texts = readPngTexts(bytes, [WORKFLOW_TEXT, RECEIPT_TEXT]);
    const written = texts.get(WORKFLOW_TEXT);
    if (written === undefined) return undefined;
    const told = JSON.parse(texts.get(RECEIPT_TEXT) ?? "{}") as Json;
    return { workflow: readJson(written, "picture"), receipt: receiptOf(told) };
  } catch {
    return undefined; // the picture can be looked at all the same
  }
}

function receiptOf(told: Json): Receipt {
  const seeds = isObject(told) && isObject(told["seeds"]) ? Object.entries(told["seeds"]) : [];
  const numerics = isObject(told) ? told["numerics"] : undefined;
  return {
    seeds: Object.fromEntries(seeds.filter((entry): entry is [string, number] => typeof entry[1] === "number")),
    ...(typeof numerics === "string" && { numerics }),
  };
}

/** Brackets open at once, outside of strings: parsing what is nested without end would overflow. */
function depthOf(text: string): number {
  let depth = 0;
  let deepest = 0;
  for (const [mark] of text.matchAll(/"(?:[^"\\]|\\.)*"|[[\]{}]/g)) {
    if (mark === "{" || mark === "[") deepest = Math.max(deepest, (depth += 1));
    else if (mark === "}" || mark === "]") depth -= 1;
  }
  return deepest;
}

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}
