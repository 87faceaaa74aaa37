import { type KeyboardEvent, type PointerEvent, useRef, useState } from "react";
import { boundsOf, isNullable } from "../catalog/settings";
import { clamp, evaluate, stepped } from "./number";
import { type WidgetProps } from "./props";
import styles from "./widgets.module.css";

const DRAG_PX_PER_STEP = 6;

/** A number: type it or an expression, drag it sideways, step it with the arrows. */
export function NumberWidget({ setting, value, label, invalid, onChange, onSettle }: WidgetProps) {
  const bounds = boundsOf(setting.schema);
  const number = typeof value === "number" ? value : 0;
  const [draft, setDraft] = useState<string>();
  const drag = useRef<{ x: number; from: number; moved: boolean }>(undefined);
  const field = useRef<HTMLInputElement>(null);
  const gesture = `number ${label}`;

  const commit = (text: string): void => {
    setDraft(undefined);
    if (text.trim() === "" && isNullable(setting.schema)) onChange(undefined);
    const result = evaluate(text);
    if (result !== undefined) onChange(clamp(result, bounds), gesture);
    onSettle();
  };
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>): void => {
    if (!event.ctrlKey && !event.metaKey) event.stopPropagation();
    if (event.nativeEvent.isComposing) return;
    const steps = { ArrowUp: 1, ArrowDown: -1 }[event.key];
    if (steps !== undefined) {
      event.preventDefault();
      setDraft(undefined);
      onChange(stepped(number, steps, bounds, event), gesture);
    } else if (event.key === "Enter") commit(event.currentTarget.value);
    else if (event.key === "Escape") setDraft(undefined);
  };
  const onPointerDown = (event: PointerEvent<HTMLInputElement>): void => {
    if (event.button !== 0 || document.activeElement === field.current) return;
    // A press is no focus yet: it may become a drag. Touch is left to the graph.
    if (event.pointerType !== "mouse") return;
    event.preventDefault();
    drag.current = { x: event.clientX, from: number, moved: false };
    event.currentTarget.setPointerCapture(event.pointerId);
  };
  const onPointerMove = (event: PointerEvent): void => {
    if (!drag.current) return;
    const distance = event.clientX - drag.current.x;
    if (Math.abs(distance) < 3 && !drag.current.moved) return;
    drag.current.moved = true;
    onChange(stepped(drag.current.from, Math.trunc(distance / DRAG_PX_PER_STEP), bounds, event), gesture);
  };
  const onPointerUp = (): void => {
    if (!drag.current) return;
    if (drag.current.moved) onSettle();
    else {
      field.current?.focus();
      field.current?.select();
    }
    drag.current = undefined;
  };

  return (
    <input
      ref={field}
      className={`${styles.field} ${styles.number} nodrag nopan`}
      inputMode="decimal"
      role="spinbutton"
      aria-label={label}
      aria-invalid={invalid || undefined}
      aria-valuenow={number}
      aria-valuemin={Number.isFinite(bounds.min) ? bounds.min : undefined}
      aria-valuemax={Number.isFinite(bounds.max) ? bounds.max : undefined}
      placeholder="–"
      value={draft ?? (value === undefined || value === null ? "" : typeof value === "number" ? String(value) : JSON.stringify(value))}
      onChange={(event) => setDraft(event.target.value)}
      onBlur={(event) => draft !== undefined && commit(event.target.value)}
      onKeyDown={onKeyDown}
      onPointerDown={onPointerDown}
      onPointerMove={onPointerMove}
      onPointerUp={onPointerUp}
      onPointerCancel={() => (drag.current = undefined)}
    />
  );
}
