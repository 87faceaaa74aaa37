import { useEffect } from "react";
import { type Session, useSession } from "../session";
import { copyData } from "./copy";
import { chordOf } from "./keys";
import { pasteData } from "./paste";
import { isEnabled, perform } from "./perform";
import { ACTION_IDS, type ActionId, actionOf } from "./table";

/** A press shorter than this is a tap; longer, Space pans. */
const TAP_MS = 200;

/** Listens for the shortcuts of the table. Keys of an input method, and those meant for a field, are left alone. */
export function useShortcuts(): void {
  const session = useSession();
  useEffect(() => {
    const byChord = new Map(ACTION_IDS.flatMap((id) => (actionOf(id).keys ?? []).map((chord) => [chord, id] as const)));
    let space = 0;
    const onKeyDown = (event: KeyboardEvent): void => {
      if (event.isComposing || event.keyCode === 229 || event.defaultPrevented) return;
      if (event.code === "Space" && !event.repeat) space = performance.now();
      const id = byChord.get(chordOf(event));
      if (!id || event.code === "Space" || !applies(session, id, event)) return;
      if (actionOf(id).native) return;
      event.preventDefault();
      perform(session, id);
    };
    const onKeyUp = (event: KeyboardEvent): void => {
      const isTap = event.code === "Space" && chordOf(event) === "Space" && performance.now() - space < TAP_MS;
      if (isTap && applies(session, "palette", event)) perform(session, "palette");
    };
    const onPointerDown = (): void => {
      space = 0;
    };
    window.addEventListener("keydown", onKeyDown);
    window.addEventListener("keyup", onKeyUp);
    const stopClipboard = listenToClipboard(session);
    window.addEventListener("pointerdown", onPointerDown, true);
    return () => {
      window.removeEventListener("keydown", onKeyDown);
      window.removeEventListener("keyup", onKeyUp);
      stopClipboard();
      window.removeEventListener("pointerdown", onPointerDown, true);
    };
  }, [session]);
}

/** The browser's own events for what its keys do: they bring and take data without asking for leave. */
function listenToClipboard(session: Session): () => void {
  const hear = (event: ClipboardEvent): void => {
    const id = event.type as "copy" | "cut" | "paste";
    if (event.defaultPrevented || !event.clipboardData || !applies(session, id, event)) return;
    event.preventDefault();
    if (id === "paste") return pasteData(session, event.clipboardData);
    copyData(session, event.clipboardData);
    if (id === "cut") perform(session, "remove");
  };
  const kinds = ["copy", "cut", "paste"] as const;
  for (const kind of kinds) window.addEventListener(kind, hear);
  return () => {
    for (const kind of kinds) window.removeEventListener(kind, hear);
  };
}

function applies(session: Session, id: ActionId, event: KeyboardEvent | ClipboardEvent): boolean {
  const { ui } = session;
  if (!isEnabled(session, id)) return false;
  const { target } = event;
  if (!(target instanceof Element)) return true;
  if (target.closest("dialog, [popover]") || ui.getState().palette) return false;
  if (isField(target)) return actionOf(id).always === true;
  // Copying words from a message is copying words.
  if (event instanceof ClipboardEvent) return event.type === "paste" || getSelection()?.isCollapsed !== false;
  // Tab moves the focus, except where there is nothing it could move on to: the empty graph.
  if (event.code === "Tab") return isPane(target);
  if (event.code === "Space") return isPane(target) || target.closest(".react-flow__node") === target;
  if (event.code === "Escape" || event.code === "Enter") return !target.closest("button:not([data-canvas] *)");
  return true;
}

function isField(target: Element): boolean {
  return target.matches("input, textarea, select, [contenteditable=true]");
}

function isPane(target: Element): boolean {
  return target === document.body || target.matches(".react-flow__pane, .react-flow, [data-canvas]");
}
