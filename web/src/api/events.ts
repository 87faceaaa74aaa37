/** What the server tells over the socket, and how a frame of it is read. */

import { type Schemas } from "./client";

export type RunFigures = Schemas["Run"];
export type QueueFigures = Schemas["Queue"];

interface Told {
  epoch: string;
  seq: number;
}

interface OfStep {
  run: string;
  step: string;
}

export type RunEvent =
  | { event: "run-changed" | "run-ended"; run: string; details: RunFigures & { failures?: Record<string, string> } }
  | { event: "run-started"; run: string; steps: number; cached: number }
  | ({ event: "step-started"; type: string; reason: string; expected: number | null } & OfStep)
  | ({ event: "step-progress"; done: number; total: number; figures: Record<string, number | null> } & OfStep)
  | ({ event: "step-done"; type: string; cached: boolean; seconds: number; files: string[] } & OfStep)
  | ({ event: "step-failed"; type: string; message: string; kind: string } & OfStep)
  | ({ event: "step-skipped"; type: string; by: string } & OfStep)
  | { event: "warned"; run: string; message: string }
  | { event: "run-done"; run: string; status: string; seconds: number };

export type ServerEvent =
  | (RunEvent & Told)
  | ({ event: "snapshot"; runs: RunFigures[]; queue: QueueFigures } & Told)
  | ({ event: "queue-changed" } & QueueFigures & Told);

export interface Preview {
  run: string;
  step: string;
  epoch: string;
  seq: number;
  mime: string;
  picture: Blob;
}

/** Reads a text frame. Kinds of a later server that we do not know pass through; nobody reacts. */
export function readEvent(text: string): ServerEvent | undefined {
  try {
    const told: unknown = JSON.parse(text);
    if (typeof told !== "object" || told === null || !("event" in told) || !("seq" in told)) return undefined;
    return told as ServerEvent;
  } catch {
    return undefined;
  }
}

/** Reads a binary frame: the length of a JSON header (4 bytes, big endian), the header, the picture. */
export function readPreview(frame: ArrayBuffer): Preview | undefined {
  if (frame.byteLength < 4) return undefined;
  const length = new DataView(frame).getUint32(0);
  if (4 + length > frame.byteLength) return undefined;
  const head = readEvent(new TextDecoder().decode(new Uint8Array(frame, 4, length))) as unknown;
  if (!isHeader(head)) return undefined;
  return { ...head, picture: new Blob([frame.slice(4 + length)], { type: head.mime }) };
}

function isHeader(head: unknown): head is Omit<Preview, "picture"> {
  if (typeof head !== "object" || head === null) return false;
  const known = head as Partial<Record<keyof Preview, unknown>>;
  return typeof known.run === "string" && typeof known.step === "string" && typeof known.mime === "string";
}
