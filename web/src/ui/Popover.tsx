import { type ReactNode, useEffect, useEffectEvent, useLayoutEffect, useRef } from "react";
import styles from "./Popover.module.css";

export interface PopoverProps {
  /** Where it belongs: below this box, or above it where there is more room. */
  anchor: DOMRect | { x: number; y: number };
  label?: string;
  width?: number;
  onClose(): void;
  children: ReactNode;
}

/** A surface above everything, closed by Escape or a press elsewhere; focus goes back where it was. */
export function Popover({ anchor, label, width, onClose, children }: PopoverProps) {
  const box = useRef<HTMLDivElement>(null);
  const close = useEffectEvent(onClose);

  useLayoutEffect(() => {
    const element = box.current;
    const before = document.activeElement;
    if (!element?.matches(":popover-open")) element?.showPopover();
    // `autoFocus` comes too early: what is in the popover can be focused only now.
    element?.querySelector<HTMLElement>("[data-autofocus]")?.focus();
    const toggled = (event: Event): void => {
      if ((event as ToggleEvent).newState === "closed") close();
    };
    element?.addEventListener("toggle", toggled);
    return () => {
      element?.removeEventListener("toggle", toggled);
      if (before instanceof HTMLElement && (document.activeElement === document.body || element?.contains(document.activeElement))) {
        before.focus({ preventScroll: true });
      }
    };
  }, []);

  useEffect(() => {
    const element = box.current;
    if (element) place(element, anchor);
  });

  return (
    <div ref={box} popover="auto" role="dialog" aria-label={label} className={styles.popover} style={{ width }}>
      {children}
    </div>
  );
}

const GAP = 4;
const MARGIN = 8;

function place(element: HTMLElement, anchor: PopoverProps["anchor"]): void {
  const { width, height } = element.getBoundingClientRect();
  const top = "bottom" in anchor ? anchor.bottom + GAP : anchor.y;
  const above = ("top" in anchor ? anchor.top : anchor.y) - GAP - height;
  const fits = top + height + MARGIN < window.innerHeight;
  const y = fits || above < MARGIN ? Math.min(top, Math.max(MARGIN, window.innerHeight - height - MARGIN)) : above;
  element.style.left = `${Math.max(MARGIN, Math.min(anchor.x, window.innerWidth - width - MARGIN))}px`;
  element.style.top = `${y}px`;
}
