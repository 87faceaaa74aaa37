/** Texts that a PNG carries (PNG, third edition, sections 5 and 11.3.3). The file may be a stranger's. */

const SIGNATURE = [0x89, 0x50, 0x4e, 0x47, 0x0d, 0x0a, 0x1a, 0x0a];
const MOST_CHUNKS = 100_000;
const LONGEST_TEXT = 4_000_000;
const LONGEST_KEYWORD = 79;

export type PngFault = "damaged" | "too-long" | "compressed";

export class PngError extends Error {
  constructor(readonly fault: PngFault) {
    super(fault);
  }
}

export function isPng(bytes: Uint8Array): boolean {
  return SIGNATURE.every((byte, at) => bytes[at] === byte);
}

/** Returns texts by keyword. Nothing is inflated, and nothing but texts is looked into.
 * @throws PngError when the chunks contradict the file, or a wanted text is too long or compressed.
 */
export function readPngTexts(bytes: Uint8Array, wanted: readonly string[]): Map<string, string> {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const texts = new Map<string, string>();
  let at = SIGNATURE.length;
  for (let count = 0; count < MOST_CHUNKS && at + 12 <= bytes.length; count += 1) {
    const length = view.getUint32(at);
    const kind = ascii(bytes, at + 4, 4);
    if (at + 12 + length > bytes.length) throw new PngError("damaged");
    if (kind === "IEND") return texts;
    if (kind === "iTXt" || kind === "tEXt" || kind === "zTXt") {
      const found = readText(kind, bytes.subarray(at + 8, at + 8 + length), wanted);
      if (found && texts.has(found[0])) throw new PngError("damaged"); // which of the two would count?
      if (found) texts.set(...found);
    }
    at += 12 + length;
  }
  throw new PngError("damaged");
}

function readText(kind: string, data: Uint8Array, wanted: readonly string[]): [string, string] | undefined {
  const end = data.subarray(0, LONGEST_KEYWORD + 1).indexOf(0);
  if (end < 1) return undefined;
  const keyword = ascii(data, 0, end);
  if (!wanted.includes(keyword)) return undefined;
  if (data.length > LONGEST_TEXT) throw new PngError("too-long");
  if (kind === "zTXt" || (kind === "iTXt" && data[end + 1] === 1)) throw new PngError("compressed");
  if (kind === "tEXt") return [keyword, new TextDecoder("latin1").decode(data.subarray(end + 1))];
  // After keyword: compression flag and method, then language and translated keyword, each ended by 0.
  const language = data.indexOf(0, end + 3);
  const translated = language < 0 ? -1 : data.indexOf(0, language + 1);
  if (translated < 0) throw new PngError("damaged");
  return [keyword, new TextDecoder().decode(data.subarray(translated + 1))];
}

function ascii(bytes: Uint8Array, from: number, length: number): string {
  return String.fromCharCode(...bytes.subarray(from, from + length));
}
