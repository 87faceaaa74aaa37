/** A mask as plain numbers: 255 repaints, 0 keeps. Knows no canvas, so that every stroke can be tested. */

export interface Rect {
  x: number;
  y: number;
  width: number;
  height: number;
}

export interface Brush {
  /** In pixels of the picture. */
  radius: number;
  /** 1 ends sharply, 0 fades from its middle. */
  hardness: number;
  erases: boolean;
}

export interface Dab {
  x: number;
  y: number;
  /** 0 to 1, of a pen; scales the radius. */
  pressure: number;
}

interface Change extends Rect {
  before: Uint8Array;
  after: Uint8Array;
}

const MOST_STEPS = 100;
const MOST_BYTES = 256_000_000;

export class MaskLayer {
  readonly data: Uint8Array;
  private past: Change[] = [];
  private future: Change[] = [];
  private before: Uint8Array | undefined;
  private dirty: Rect | undefined;

  constructor(
    readonly width: number,
    readonly height: number,
    data?: Uint8Array,
  ) {
    this.data = data ?? new Uint8Array(width * height);
  }

  get canUndo(): boolean {
    return this.past.length > 0;
  }

  get canRedo(): boolean {
    return this.future.length > 0;
  }

  get isEmpty(): boolean {
    return !this.data.some((value) => value > 0);
  }

  /** Begins what is undone as one. */
  begin(): void {
    this.before = this.data.slice();
    this.dirty = undefined;
  }

  /** Draws from one dab to the next; returns what has to be drawn again. */
  stroke(from: Dab, to: Dab, brush: Brush): Rect {
    const [first, last] = [radiusAt(brush, from), radiusAt(brush, to)];
    const reach = Math.max(first, last) + 1;
    const area = this.clip({
      x: Math.floor(Math.min(from.x, to.x) - reach),
      y: Math.floor(Math.min(from.y, to.y) - reach),
      width: Math.ceil(Math.abs(to.x - from.x) + 2 * reach) + 1,
      height: Math.ceil(Math.abs(to.y - from.y) + 2 * reach) + 1,
    });
    const [dx, dy] = [to.x - from.x, to.y - from.y];
    const length = dx * dx + dy * dy;
    for (let y = area.y; y < area.y + area.height; y += 1) {
      for (let x = area.x; x < area.x + area.width; x += 1) {
        // The pixel's middle, and the nearest place on the line to it.
        const [px, py] = [x + 0.5 - from.x, y + 0.5 - from.y];
        const along = length === 0 ? 0 : Math.min(1, Math.max(0, (px * dx + py * dy) / length));
        const cover = coverAt(Math.hypot(px - along * dx, py - along * dy), first + (last - first) * along, brush.hardness);
        if (cover > 0) this.lay(y * this.width + x, Math.round(cover * 255), brush.erases);
      }
    }
    this.touch(area);
    return area;
  }

  /** Ends what `begin` began; nothing is kept where nothing changed. */
  end(): void {
    const { before, dirty } = this;
    this.before = undefined;
    this.dirty = undefined;
    if (!before || !dirty) return;
    const change = { ...dirty, before: crop(before, this.width, dirty), after: crop(this.data, this.width, dirty) };
    if (change.before.every((value, at) => value === change.after[at])) return;
    this.past.push(change);
    this.future = [];
    this.forgetOld();
  }

  /** Fills what is enclosed around a point: all pixels like it that can be reached. */
  fill(x: number, y: number, erases: boolean): Rect | undefined {
    const [column, row] = [Math.floor(x), Math.floor(y)];
    if (column < 0 || row < 0 || column >= this.width || row >= this.height) return undefined;
    const isPainted = this.at(column, row) >= 128;
    if (isPainted !== erases) return undefined;
    this.begin();
    this.flood(column, row, isPainted, erases ? 0 : 255);
    return this.whole();
  }

  /** Every pixel made anew: clear, all, invert. */
  change(value: (before: number) => number): Rect {
    this.begin();
    for (let at = 0; at < this.data.length; at += 1) this.data[at] = value(this.data[at] ?? 0);
    return this.whole();
  }

  undo(): Rect | undefined {
    const change = this.past.pop();
    if (change) this.future.push(change);
    return change && this.put(change, change.before);
  }

  redo(): Rect | undefined {
    const change = this.future.pop();
    if (change) this.past.push(change);
    return change && this.put(change, change.after);
  }

  private whole(): Rect {
    this.touch({ x: 0, y: 0, width: this.width, height: this.height });
    this.end();
    return { x: 0, y: 0, width: this.width, height: this.height };
  }

  private flood(x: number, y: number, isPainted: boolean, value: number): void {
    const open: [number, number][] = [[x, y]];
    for (let place = open.pop(); place; place = open.pop()) {
      let [left, row] = place;
      if (!this.isOpen(left, row, isPainted, value)) continue;
      while (this.isOpen(left - 1, row, isPainted, value)) left -= 1;
      for (let at = left; this.isOpen(at, row, isPainted, value); at += 1) {
        this.data[row * this.width + at] = value;
        for (const next of [row - 1, row + 1]) if (this.isOpen(at, next, isPainted, value)) open.push([at, next]);
      }
    }
  }

  private isOpen(x: number, y: number, isPainted: boolean, value: number): boolean {
    if (x < 0 || y < 0 || x >= this.width || y >= this.height) return false;
    const now = this.at(x, y);
    return now >= 128 === isPainted && now !== value;
  }

  private at(x: number, y: number): number {
    return this.data[y * this.width + x] ?? 0;
  }

  /** A stroke that passes the same place twice lays no more than once. */
  private lay(at: number, cover: number, erases: boolean): void {
    const now = this.data[at] ?? 0;
    this.data[at] = erases ? Math.min(now, 255 - cover) : Math.max(now, cover);
  }

  private touch(area: Rect): void {
    this.dirty = this.dirty ? union(this.dirty, area) : area;
  }

  private put(area: Rect, values: Uint8Array): Rect {
    for (let row = 0; row < area.height; row += 1) {
      const line = values.subarray(row * area.width, (row + 1) * area.width);
      this.data.set(line, (area.y + row) * this.width + area.x);
    }
    return { x: area.x, y: area.y, width: area.width, height: area.height };
  }

  private clip({ x, y, width, height }: Rect): Rect {
    const left = Math.min(Math.max(0, x), this.width);
    const top = Math.min(Math.max(0, y), this.height);
    const right = Math.min(this.width, Math.max(left, x + width));
    const bottom = Math.min(this.height, Math.max(top, y + height));
    return { x: left, y: top, width: right - left, height: bottom - top };
  }

  private forgetOld(): void {
    let bytes = 0;
    const kept = this.past.toReversed().filter(({ before, after }, at) => at < MOST_STEPS && (bytes += before.length + after.length) <= MOST_BYTES);
    this.past = kept.toReversed();
  }
}

function radiusAt({ radius }: Brush, { pressure }: Dab): number {
  return Math.max(0.5, radius * pressure);
}

/** How much of a pixel at this distance is covered: one inside the hard part, falling smoothly to none at the edge. */
function coverAt(distance: number, radius: number, hardness: number): number {
  const hard = Math.min(radius * hardness, radius - 0.5);
  if (distance <= hard) return 1;
  if (distance >= radius) return 0;
  const part = (radius - distance) / (radius - hard);
  return part * part * (3 - 2 * part);
}

function crop(data: Uint8Array, stride: number, { x, y, width, height }: Rect): Uint8Array {
  const part = new Uint8Array(width * height);
  for (let row = 0; row < height; row += 1) {
    const start = (y + row) * stride + x;
    part.set(data.subarray(start, start + width), row * width);
  }
  return part;
}

function union(a: Rect, b: Rect): Rect {
  const x = Math.min(a.x, b.x);
  const y = Math.min(a.y, b.y);
  return { x, y, width: Math.max(a.x + a.width, b.x + b.width) - x, height: Math.max(a.y + a.height, b.y + b.height) - y };
}
