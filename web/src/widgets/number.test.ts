import { expect, test } from "vitest";
import { clamp, evaluate, stepped } from "./number";

const size = { min: 64, max: 4096, step: 64, integer: true };
const scale = { min: 0, max: 50, step: 0.5, integer: false };
const NO_KEYS = { shiftKey: false, ctrlKey: false };

test("expressions are worked out, and what is none is refused", () => {
  const given = ["512*2", "2^10", "-(3+4)/2", "1e-3", " 1 024 ", "7%4", ".5", "2**3", "512*", "a", "", "1/0", "(2"];
  expect(given.map(evaluate)).toEqual([1024, 1024, -3.5, 0.001, 1024, 3, 0.5, 8, undefined, undefined, undefined, undefined, undefined]);
});

test("steps stay within the bounds, Shift is fine and Ctrl coarse", () => {
  expect(stepped(512, 1, size, NO_KEYS)).toBe(576);
  expect(stepped(512, 1, size, { ...NO_KEYS, shiftKey: true })).toBe(513);
  expect(stepped(512, -100, size, { ...NO_KEYS, ctrlKey: true })).toBe(64);
  expect(stepped(0.3, 1, scale, { ...NO_KEYS, shiftKey: true })).toBe(0.35);
  expect(clamp(99, scale)).toBe(50);
});
