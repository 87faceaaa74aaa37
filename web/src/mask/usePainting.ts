/** Pointers and keys that paint: one finger, pen or mouse draws, two fingers zoom and move. */

import { type KeyboardEvent, type PointerEvent, type RefObject, useLayoutEffect, useRef } from "react";
import { type View, zoomAt } from "../viewer/zoom";
import { type Brush, type Dab, type MaskLayer, type Rect } from "./layer";

export type Tool = "brush" | "erase" | "fill";

export interface Painting {
  layer: MaskLayer;
  tool: Tool;
  brush: Brush;
  view: View;
  frame: RefObject<HTMLElement | null>;
  setView(change: (view: View) => View): void;
  /** Draws a part again. */
  draw(area: Rect | undefined): void;
  /** A stroke has ended. */
  changed(): void;
  /** Where the brush is, to show it. */
  point(at: { x: number; y: number } | undefined): void;
}

interface Held {
  x: number;
  y: number;
}

export function usePainting(painting: Painting) {
  const latest = useRef(painting);
  useLayoutEffect(() => {
    latest.current = painting;
  });
  const held = useRef(new Map<number, Held>());
  const last = useRef<Dab>(undefined);
  const isMoving = useRef(false);
  const spaceHeld = useRef(false);
  const crosshair = useRef<{ x: number; y: number }>(undefined);

  const dabOf = (event: PointerEvent | globalThis.PointerEvent): Dab => {
    const { frame, view, layer } = latest.current;
    const box = frame.current?.getBoundingClientRect() ?? new DOMRect();
    const x = (event.clientX - box.left - box.width / 2 - view.x) / view.scale + layer.width / 2;
    const y = (event.clientY - box.top - box.height / 2 - view.y) / view.scale + layer.height / 2;
    // Mice have no pressure; a pen that only touches still leaves a mark.
    return { x, y, pressure: event.pointerType === "pen" ? Math.max(0.15, event.pressure) : 1 };
  };
  const strokeTo = (dab: Dab): void => {
    const { layer, brush, draw } = latest.current;
    draw(layer.stroke(last.current ?? dab, dab, brush));
    last.current = dab;
  };
  const finish = (): void => {
    if (!last.current) return;
    last.current = undefined;
    latest.current.layer.end();
    latest.current.changed();
  };
  /** A second finger: what the first has drawn until now was meant to be a gesture. */
  const giveUpStroke = (): void => {
    if (!last.current) return;
    const { layer, draw, changed } = latest.current;
    last.current = undefined;
    const could = layer.canUndo;
    layer.end();
    if (layer.canUndo || could) draw(layer.undo());
    changed();
  };

  const onPointerDown = (event: PointerEvent): void => {
    event.currentTarget.setPointerCapture(event.pointerId);
    held.current.set(event.pointerId, { x: event.clientX, y: event.clientY });
    isMoving.current = held.current.size > 1 || event.button === 1 || spaceHeld.current;
    if (isMoving.current) return giveUpStroke();
    if (event.button > 0) return;
    const { layer, tool, draw, changed } = latest.current;
    const dab = dabOf(event);
    if (tool === "fill") {
      draw(layer.fill(dab.x, dab.y, event.altKey));
      return changed();
    }
    layer.begin();
    strokeTo(dab);
  };
  const onPointerMove = (event: PointerEvent): void => {
    latest.current.point(dabOf(event));
    const before = held.current.get(event.pointerId);
    if (!before) return;
    const after = { x: event.clientX, y: event.clientY };
    held.current.set(event.pointerId, after);
    if (isMoving.current) return move(before, after, event.pointerId);
    if (!last.current) return;
    const between = event.nativeEvent.getCoalescedEvents?.() ?? [];
    for (const each of between.length > 0 ? between : [event.nativeEvent]) strokeTo(dabOf(each));
  };
  const move = (before: Held, after: Held, pointer: number): void => {
    const { setView, frame } = latest.current;
    const [other] = [...held.current].filter(([id]) => id !== pointer).map(([, point]) => point);
    const box = frame.current?.getBoundingClientRect();
    if (!other || !box) return setView((now) => ({ ...now, x: now.x + after.x - before.x, y: now.y + after.y - before.y }));
    const apart = (point: Held): number => Math.hypot(point.x - other.x, point.y - other.y) || 1;
    const middle = { x: (after.x + other.x) / 2 - box.left - box.width / 2, y: (after.y + other.y) / 2 - box.top - box.height / 2 };
    setView((now) => {
      const zoomed = zoomAt(now, apart(after) / apart(before), middle);
      return { ...zoomed, x: zoomed.x + (after.x - before.x) / 2, y: zoomed.y + (after.y - before.y) / 2 };
    });
  };
  const onPointerUp = ({ pointerId }: PointerEvent): void => {
    held.current.delete(pointerId);
    if (held.current.size === 0) isMoving.current = false;
    finish();
  };

  /** Painting without a pointer: arrows move the brush by half its size, Enter lays a dab. */
  const onKeyDown = (event: KeyboardEvent): void => {
    const { layer, brush, point, draw, changed, tool } = latest.current;
    if (event.code === "Space") {
      spaceHeld.current = true;
      return event.preventDefault();
    }
    const step = Math.max(1, brush.radius);
    const moves: Record<string, readonly [number, number]> = { ArrowLeft: [-step, 0], ArrowRight: [step, 0], ArrowUp: [0, -step], ArrowDown: [0, step] };
    const by = moves[event.code];
    const now = crosshair.current ?? { x: layer.width / 2, y: layer.height / 2 };
    if (by) {
      crosshair.current = { x: clamp(now.x + by[0], layer.width), y: clamp(now.y + by[1], layer.height) };
      point(crosshair.current);
    } else if (event.code === "Enter") {
      if (tool === "fill") draw(layer.fill(now.x, now.y, event.altKey));
      else {
        layer.begin();
        draw(layer.stroke({ ...now, pressure: 1 }, { ...now, pressure: 1 }, brush));
        layer.end();
      }
      changed();
    } else return;
    event.preventDefault();
  };
  const onKeyUp = ({ code }: KeyboardEvent): void => {
    if (code === "Space") spaceHeld.current = false;
  };

  return { onPointerDown, onPointerMove, onPointerUp, onPointerCancel: onPointerUp, onPointerLeave: () => latest.current.point(undefined), onKeyDown, onKeyUp };
}

function clamp(value: number, most: number): number {
  return Math.min(most, Math.max(0, value));
}
