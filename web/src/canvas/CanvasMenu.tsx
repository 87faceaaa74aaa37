import { menuFor } from "../actions/menus";
import { useT } from "../i18n/t";
import { useSession } from "../session";
import { Menu } from "../ui/Menu";

export interface MenuPlace {
  x: number;
  y: number;
  /** The node it was opened on; none for the empty graph. */
  node?: string;
}

/** What can be done here, from the one table of actions. */
export function CanvasMenu({ place, onClose }: { place: MenuPlace; onClose(): void }) {
  const t = useT();
  const session = useSession();
  const onNode = place.node !== undefined || session.ui.getState().selection.length > 0;
  return <Menu anchor={place} label={t("canvas.menu")} sections={menuFor(session, onNode ? "node" : "pane", place, t)} onClose={onClose} />;
}
