/** Numbers as people enter them: within their bounds, on their grid, or worked out: `512*2`. */

import { type Bounds } from "../catalog/settings";

export function clamp(value: number, { min, max, integer }: Bounds): number {
  const bounded = Math.min(Math.max(value, min), max);
  return integer ? Math.round(bounded) : tidy(bounded);
}

/** Steps from where it is: Shift for fine, Ctrl for coarse. */
export function stepped(value: number, steps: number, bounds: Bounds, keys: { shiftKey: boolean; ctrlKey: boolean; metaKey?: boolean }): number {
  const coarse = keys.ctrlKey || keys.metaKey ? 10 : 1;
  const fine = keys.shiftKey ? (bounds.integer ? 1 : 0.1) : 1;
  const step = keys.shiftKey && bounds.integer ? 1 : bounds.step * coarse * fine;
  return clamp(value + steps * step, bounds);
}

/** Away with `0.30000000000000004`. */
function tidy(value: number): number {
  return Number(value.toPrecision(12));
}

/** What an expression of + - * / % ^ and brackets comes to; nothing when it is none. */
export function evaluate(text: string): number | undefined {
  const reader = new Reader(text.replaceAll(/[\s_]/g, "").replaceAll("×", "*").replaceAll("÷", "/").replaceAll(",", "."));
  const value = reader.sum();
  return reader.done && Number.isFinite(value) ? value : undefined;
}

class Reader {
  private at = 0;

  constructor(private readonly text: string) {}

  get done(): boolean {
    return this.text.length > 0 && this.at === this.text.length;
  }

  sum(): number {
    let value = this.product();
    for (let sign = this.take(/[+-]/y); sign; sign = this.take(/[+-]/y)) {
      value += sign === "+" ? this.product() : -this.product();
    }
    return value;
  }

  private product(): number {
    let value = this.power();
    for (let sign = this.take(/[*/%]/y); sign; sign = this.take(/[*/%]/y)) {
      const other = this.power();
      value = sign === "*" ? value * other : sign === "/" ? value / other : value % other;
    }
    return value;
  }

  private power(): number {
    if (this.take(/-/y)) return -this.power();
    const base = this.atom();
    return this.take(/\^|\*\*/y) ? base ** this.power() : base;
  }

  private atom(): number {
    if (this.take(/\(/y)) {
      const value = this.sum();
      return this.take(/\)/y) ? value : Number.NaN;
    }
    const digits = this.take(/\d*\.?\d+(?:e[+-]?\d+)?|\d+\.?/iy);
    return digits ? Number(digits) : Number.NaN;
  }

  private take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.at;
    const found = pattern.exec(this.text)?.[0];
    this.at += found?.length ?? 0;
    return found;
  }
}
