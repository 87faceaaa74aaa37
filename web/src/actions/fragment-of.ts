import { copyNodes, writeFragment } from "../document/commands/fragment";
import { type Session } from "../session";

export function fragmentOf({ canvas, document }: Session, ids: readonly string[]): string {
  return writeFragment(copyNodes(document.getState().file, ids, canvas.view?.places() ?? {}));
}
