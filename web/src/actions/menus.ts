import { type Translate } from "../i18n/t";
import { type Session } from "../session";
import { type MenuItem } from "../ui/Menu";
import { chordText, isMac } from "./keys";
import { isEnabled, perform } from "./perform";
import { type ActionId, actionOf } from "./table";

export type MenuKind = "node" | "pane";

const MENUS: Record<MenuKind, readonly (readonly ActionId[])[]> = {
  node: [["runTo", "plan"], ["cut", "copy", "duplicate", "rename"], ["mute", "bypass", "collapse", "group"], ["selectAbove", "selectBelow", "fitSelection", "layout"], ["remove"]],
  pane: [["palette", "note"], ["paste", "pasteWired", "selectAll"], ["undo", "redo"], ["layout", "fit"], ["run", "plan"]],
};

interface Place {
  x: number;
  y: number;
  node?: string;
}

/** The menu for a place on the graph. */
export function menuFor(session: Session, kind: MenuKind, { x, y, node }: Place, t: Translate): MenuItem[][] {
  return MENUS[kind].map((section) => section.map((id) => itemOf(session, id, t, () => perform(session, id, { at: [x, y], node }))));
}

export function itemOf(session: Session, id: ActionId, t: Translate, onPick: () => void): MenuItem {
  const action = actionOf(id);
  const [chord] = action.keys ?? [];
  return {
    id,
    label: t(action.title),
    icon: action.icon,
    keys: chord && chordText(chord, isMac()),
    disabled: !isEnabled(session, id),
    danger: id === "remove",
    onPick,
  };
}

