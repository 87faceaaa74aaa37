/** One thing a person can do: it is a menu item, a shortcut, an entry of the palettes and a line of the help. */

import { type Point } from "../document/model";
import { type TextKey } from "../i18n/t";
import { type Session } from "../session";
import { type IconName } from "../ui/Icon";

/** Where it was asked for, when by pointer. */
export interface Where {
  at?: Point;
  node?: string;
}

export interface Action {
  title: TextKey;
  section: "run" | "edit" | "arrange" | "view" | "file" | "help";
  icon?: IconName;
  /** Chords of `event.code`s, such as `Mod+Shift+KeyZ`; the first one is shown. */
  keys?: readonly string[];
  /** Works while a field has the focus, too. */
  always?: boolean;
  /** Its key is left to the browser, whose own event brings what is needed. */
  native?: boolean;
  enabled?(session: Session): boolean;
  run(session: Session, where: Where): unknown;
}

export function hasSelection({ ui }: Session): boolean {
  return ui.getState().selection.length > 0;
}

export function hasNodes({ document }: Session): boolean {
  return Object.keys(document.getState().file.nodes).length > 0;
}

/** The chosen nodes, or the one the menu was opened on. */
export function chosen({ document, ui }: Session, { node }: Where): string[] {
  const { nodes } = document.getState().file;
  const { selection } = ui.getState();
  const ids = node !== undefined && !selection.includes(node) ? [node] : selection;
  return ids.filter((id) => nodes[id]);
}
