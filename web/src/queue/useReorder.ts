/** A list put in order by hand: a row is dragged by its handle, or moved by the arrow keys on it. */

import { type KeyboardEvent, type PointerEvent, useRef, useState } from "react";

export interface Reorder {
  /** The row in hand, and the place it would get now. */
  held: { from: number; to: number } | undefined;
  handle(at: number): {
    onPointerDown(event: PointerEvent<HTMLElement>): void;
    onPointerMove(event: PointerEvent<HTMLElement>): void;
    onPointerUp(): void;
    onPointerCancel(): void;
    onKeyDown(event: KeyboardEvent): void;
  };
}

const KEYS: Record<string, (at: number, count: number) => number> = {
  ArrowUp: (at) => at - 1,
  ArrowDown: (at) => at + 1,
  Home: () => 0,
  End: (_, count) => count - 1,
};

export function useReorder(count: number, onMove: (from: number, to: number) => void): Reorder {
  const [held, setHeld] = useState<Reorder["held"]>();
  /** The middles of the rows, as they were when one was taken. */
  const middles = useRef<number[]>([]);

  const handle: Reorder["handle"] = (at) => ({
    onPointerDown: (event) => {
      if (event.button !== 0) return;
      const row = event.currentTarget.closest("li");
      middles.current = [...(row?.parentElement?.children ?? [])].map((child) => child.getBoundingClientRect()).map(({ y, height }) => y + height / 2);
      event.currentTarget.setPointerCapture(event.pointerId);
      setHeld({ from: at, to: at });
    },
    onPointerMove: ({ clientY }) => {
      if (held) setHeld({ from: held.from, to: middles.current.filter((middle, row) => row !== held.from && middle < clientY).length });
    },
    onPointerUp: () => {
      if (held && held.to !== held.from) onMove(held.from, held.to);
      setHeld(undefined);
    },
    onPointerCancel: () => setHeld(undefined),
    onKeyDown: (event) => {
      const to = KEYS[event.code]?.(at, count);
      if (event.code === "Escape") setHeld(undefined);
      if (to === undefined) return;
      event.preventDefault();
      event.stopPropagation();
      if (to !== at && to >= 0 && to < count) onMove(at, to);
    },
  });
  return { held, handle };
}
