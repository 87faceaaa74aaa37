import { type Translate } from "../i18n/t";
import { type Session } from "../session";
import { type MenuItem } from "../ui/Menu";
import { chordText, isMac } from "./keys";
import { isEnabled, perform } from "./perform";
import { type ActionId, actionOf } from "./table";

export type MenuKind = "node" | "pane";

/** What only several nodes at once can be asked for: with fewer it is not there at all. */
const SEVERAL: readonly ActionId[] = ["alignLeft", "alignRight", "alignTop", "alignBottom", "distributeAcross", "distributeDown"];

const MENUS: Record<MenuKind, readonly (readonly ActionId[])[]> = {
  node: [["runTo", "plan"], ["cut", "copy", "duplicate", "rename"], ["mute", "bypass", "collapse", "group"], ["selectAbove", "selectBelow", "fitSelection", "layout"], SEVERAL, ["remove"]],
  pane: [["palette", "note"], ["paste", "pasteWired", "selectAll"], ["undo", "redo"], ["layout", "fit"], ["run", "plan"]],
};

interface Place {
  x: number;
  y: number;
  node?: string;
}

/** The menu for a place on the graph. */
export function menuFor(session: Session, kind: MenuKind, { x, y, node }: Place, t: Translate): MenuItem[][] {
  const isThere = (id: ActionId): boolean => !SEVERAL.includes(id) || isEnabled(session, id);
  const sections = MENUS[kind].map((section) => section.filter(isThere).map((id) => itemOf(session, id, t, () => perform(session, id, { at: [x, y], node }))));
  return sections.filter((section) => section.length > 0);
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

