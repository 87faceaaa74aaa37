import { type Session } from "../session";
import { type Where } from "./action";
import { type ActionId, actionOf } from "./table";

export function isEnabled(session: Session, id: ActionId): boolean {
  return actionOf(id).enabled?.(session) ?? true;
}

/** Does it, where it can be done; a failure is told and not swallowed. */
export function perform(session: Session, id: ActionId, where: Where = {}): void {
  if (!isEnabled(session, id)) return;
  const failed = (error: unknown): void => session.ui.toast({ kind: "error", text: error instanceof Error ? error.message : String(error) });
  try {
    const done = actionOf(id).run(session, where);
    if (done instanceof Promise) done.catch(failed);
  } catch (error) {
    failed(error);
  }
}
