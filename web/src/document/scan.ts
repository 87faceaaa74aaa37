/** Where the values of a JSON text stand in it. The text has been parsed before: it is valid. */

export interface Span {
  start: number;
  end: number;
  /** Of an object: where each member's value stands, in the order of the text. */
  members?: Map<string, Span>;
}

const SPACE = /[ \t\r\n]*/y;
const STRING = /"(?:[^"\\]|\\.)*"/y;
const PLAIN = /[^,\]}\s]+/y;

export function scan(text: string): Span {
  return new Scanner(text).value();
}

class Scanner {
  private at = 0;

  constructor(private readonly text: string) {}

  value(): Span {
    this.take(SPACE);
    const start = this.at;
    const first = this.text[start];
    if (first === "{") return this.object(start);
    if (first === "[") return this.array(start);
    this.take(first === '"' ? STRING : PLAIN);
    return { start, end: this.at };
  }

  private object(start: number): Span {
    const members = new Map<string, Span>();
    this.at += 1;
    while (!this.closes("}")) {
      const key = JSON.parse(this.take(STRING)) as string;
      this.take(SPACE);
      this.at += 1; // the colon
      const span = this.value();
      members.delete(key); // of a key told twice the last counts, as in JSON.parse
      members.set(key, span);
    }
    return { start, end: this.at, members };
  }

  private array(start: number): Span {
    this.at += 1;
    while (!this.closes("]")) this.value();
    return { start, end: this.at };
  }

  /** Steps over a comma, or over the closing bracket, which ends the loop. */
  private closes(bracket: string): boolean {
    this.take(SPACE);
    if (this.text[this.at] === ",") this.at += 1;
    this.take(SPACE);
    if (this.text[this.at] !== bracket) return false;
    this.at += 1;
    return true;
  }

  private take(pattern: RegExp): string {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text)?.[0] ?? "";
    this.at += found.length;
    return found;
  }
}
