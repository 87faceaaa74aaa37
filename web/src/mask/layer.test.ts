import { describe, expect, it } from "vitest";
import { type Brush, MaskLayer } from "./layer";

const HARD: Brush = { radius: 3, hardness: 1, erases: false };
const ERASER: Brush = { ...HARD, erases: true };
const dab = (x: number, y: number, pressure = 1) => ({ x, y, pressure });

function draw(mask: MaskLayer, brush: Brush, ...dabs: [number, number][]): void {
  mask.begin();
  dabs.forEach(([x, y], at) => mask.stroke(dab(...(dabs[at - 1] ?? [x, y])), dab(x, y), brush));
  mask.end();
}

const at = (mask: MaskLayer, x: number, y: number): number => mask.data[y * mask.width + x] ?? -1;

describe("a stroke", () => {
  it("covers a line between its dabs, and nothing far from it", () => {
    const mask = new MaskLayer(40, 20);
    draw(mask, HARD, [5, 10], [30, 10]);
    expect(at(mask, 17, 10)).toBe(255);
    expect(at(mask, 17, 15)).toBe(0);
    expect(at(mask, 35, 10)).toBe(0);
  });
  it("may leave the picture", () => {
    const mask = new MaskLayer(10, 10);
    draw(mask, HARD, [-20, -20], [30, 30]);
    expect(at(mask, 5, 5)).toBe(255);
    draw(mask, HARD, [500, 500]);
    expect(mask.canUndo).toBe(true);
  });
  it("fades when it is soft, and lays no more where it passes twice", () => {
    const mask = new MaskLayer(40, 40);
    const soft = { ...HARD, radius: 10, hardness: 0 };
    draw(mask, soft, [20, 20]);
    const once = at(mask, 26, 20);
    expect(once).toBeGreaterThan(0);
    expect(once).toBeLessThan(255);
    draw(mask, soft, [20, 20], [20, 20]);
    expect(at(mask, 26, 20)).toBe(once);
  });
  it("is thinner where a pen presses less", () => {
    const mask = new MaskLayer(40, 40);
    mask.begin();
    mask.stroke(dab(20, 20, 0.2), dab(20, 20, 0.2), { ...HARD, radius: 10 });
    mask.end();
    expect(at(mask, 20, 20)).toBe(255);
    expect(at(mask, 26, 20)).toBe(0);
  });
  it("takes away with the eraser", () => {
    const mask = new MaskLayer(10, 10, new Uint8Array(100).fill(255));
    draw(mask, ERASER, [5, 5]);
    expect(at(mask, 5, 5)).toBe(0);
    expect(at(mask, 0, 0)).toBe(255);
  });
});

describe("undo", () => {
  it("goes back through everything and forth again, to the very same pixels", () => {
    const mask = new MaskLayer(64, 48);
    const states = [mask.data.slice()];
    const keep = (): void => void states.push(mask.data.slice());
    for (let step = 0; step < 30; step += 1) {
      draw(mask, step % 3 ? HARD : ERASER, [(step * 17) % 64, (step * 11) % 48], [(step * 29) % 64, (step * 7) % 48]);
      keep();
    }
    mask.change((value) => 255 - value);
    keep();
    const distinct = states.filter((state, index) => index === 0 || !same(state, states[index - 1]));
    for (const state of distinct.toReversed().slice(1)) {
      mask.undo();
      expect(same(mask.data, state)).toBe(true);
    }
    expect(mask.canUndo).toBe(false);
    while (mask.canRedo) mask.redo();
    expect(same(mask.data, states.at(-1))).toBe(true);
  });
  it("has no step for what changed nothing", () => {
    const mask = new MaskLayer(10, 10);
    draw(mask, ERASER, [5, 5]);
    mask.change((value) => value);
    expect(mask.canUndo).toBe(false);
  });
  it("forgets what was undone when something new is drawn", () => {
    const mask = new MaskLayer(10, 10);
    draw(mask, HARD, [2, 2]);
    mask.undo();
    expect(mask.isEmpty).toBe(true);
    draw(mask, HARD, [8, 8]);
    expect(mask.canRedo).toBe(false);
  });
});

describe("filling", () => {
  it("fills what a line encloses, and nothing beyond", () => {
    const mask = new MaskLayer(40, 40);
    draw(mask, { ...HARD, radius: 1.5 }, [10, 10], [30, 10], [30, 30], [10, 30], [10, 10]);
    mask.fill(20, 20, false);
    expect(at(mask, 20, 20)).toBe(255);
    expect(at(mask, 2, 2)).toBe(0);
    mask.undo();
    expect(at(mask, 20, 20)).toBe(0);
  });
  it("does nothing on what is filled, or outside", () => {
    const mask = new MaskLayer(4, 4, new Uint8Array(16).fill(255));
    expect(mask.fill(1, 1, false)).toBeUndefined();
    expect(mask.fill(9, 1, false)).toBeUndefined();
    expect(mask.fill(1, 1, true)).toBeDefined();
    expect(mask.isEmpty).toBe(true);
  });
});

function same(a: Uint8Array, b: Uint8Array | undefined): boolean {
  return b !== undefined && a.length === b.length && a.every((value, index) => value === b[index]);
}
