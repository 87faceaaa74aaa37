import { paste, readFragment } from "../document/commands/fragment";
import { type Point } from "../document/model";
import { translator } from "../i18n/t";
import { type Session } from "../session";
import { editOf } from "./edit";

/** Puts the nodes of a text in and selects them; a text that has none is told. */
export function pasteText(session: Session, text: string, client: Point | undefined, incoming: boolean): void {
  const fragment = readFragment(text);
  const { ui, document, canvas, settings } = session;
  if (!fragment) return ui.toast({ kind: "info", text: translator(settings.getState().language)("action.paste.nothing") });
  const { change, ids } = paste(document.getState().file, fragment, client && canvas.view?.placeAt(client), incoming);
  editOf(session)("edit.paste", { count: ids.length }, change);
  ui.select(ids);
}
