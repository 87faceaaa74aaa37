import { ApiProblem } from "../api/client";
import { translator } from "../i18n/t";
import { type Order, submitRuns } from "../run/submit";
import { type Session } from "../session";
import { runName } from "../workflows/name";

/** Hands the workflow in; what stands in the way is shown where it is. */
export async function submit(session: Session, order: Partial<Order> = {}): Promise<void> {
  const { api, run, tabs, ui, settings, document } = session;
  const t = translator(settings.getState().language);
  document.settle();
  try {
    await submitRuns(api, run, { document, name: runName(tabs.current()), seedLabel: t("edit.seeds"), ...order });
    ui.say(t("action.run.taken"));
  } catch (error) {
    const first = error instanceof ApiProblem ? error.problems[0] : undefined;
    if (first) ui.setState({ right: "problems" });
    if (first?.step) session.canvas.view?.focus(first.step);
    const reason = first?.message ?? (error instanceof Error ? error.message : "");
    ui.toast({ kind: "error", text: t("action.run.refused", { reason }), node: first?.step });
  }
}
