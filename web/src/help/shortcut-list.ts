/** The shortcuts as a list to read and search, made from the one table of actions. */

import { chordText } from "../actions/keys";
import { type Action } from "../actions/action";
import { type TextKey, type Translate } from "../i18n/t";

export interface Shortcut {
  id: string;
  title: string;
  /** Each way to press it. */
  chords: string[];
}

export interface ShortcutGroup {
  id: string;
  title: string;
  shortcuts: Shortcut[];
}

/** What hands do that no action stands for. */
const HANDS = ["pan", "zoom", "box", "wire", "keyWire", "fine", "weight"] as const;

export function shortcutGroups(actions: Readonly<Record<string, Action>>, t: Translate, mac: boolean): ShortcutGroup[] {
  const groups = new Map<Action["section"], Shortcut[]>();
  for (const [id, action] of Object.entries(actions)) {
    if (!action.keys?.length) continue;
    const chords = [...new Set(action.keys.map((chord) => chordText(chord, mac)))];
    groups.set(action.section, [...(groups.get(action.section) ?? []), { id, title: t(action.title), chords }]);
  }
  const named = [...groups].map(([section, shortcuts]) => ({ id: section, title: t(`action.section.${section}` satisfies TextKey), shortcuts }));
  const hands = HANDS.map((id) => ({ id, title: t(`help.${id}`), chords: [t(`help.${id}.how`)] }));
  return [...named, { id: "hands", title: t("help.hands"), shortcuts: hands }];
}

/** Finds by name and by key: "ctrl z" as well as "undo". */
export function findShortcuts(groups: readonly ShortcutGroup[], query: string): ShortcutGroup[] {
  const words = query.toLowerCase().split(/[\s+]+/).filter(Boolean);
  const fits = ({ title, chords }: Shortcut, group: string): boolean => {
    const text = `${title} ${group} ${chords.join(" ")}`.toLowerCase();
    return words.every((word) => text.includes(word));
  };
  return groups
    .map((group) => ({ ...group, shortcuts: group.shortcuts.filter((shortcut) => fits(shortcut, group.title)) }))
    .filter(({ shortcuts }) => shortcuts.length > 0);
}
