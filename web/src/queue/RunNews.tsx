import { useEffect } from "react";
import { useT } from "../i18n/t";
import { type RunSummary, hasEnded } from "../run/store";
import { useSession } from "../session";
import { useRunName } from "./useQueue";

/** Tells the live region when the run that is drawn begins and ends; a failure stays as a toast that leads to its node. */
export function RunNews() {
  const t = useT();
  const { run, ui } = useSession();
  const nameOf = useRunName();
  useEffect(() => {
    const tell = (is: RunSummary): void => {
      const name = nameOf(is);
      if (is.state === "running") ui.say(t("queue.startedNews", { name }));
      if (!hasEnded(is)) return;
      if (is.state === "done") return ui.say(t("queue.doneNews", { name }));
      if (is.state === "cancelled") return ui.say(t("queue.cancelledNews", { name }));
      const node = Object.keys(is.failures)[0] ?? is.problems[0]?.step;
      ui.toast({ kind: "error", text: t("queue.failedNews", { name, reason: is.message ?? "" }), node });
    };
    return run.subscribe((now, before) => {
      if (now.runs === before.runs || now.current === undefined) return;
      const [is, was] = [now.runs[now.current], before.runs[now.current]];
      // What had ended when we came is no news.
      if (is && was && is.state !== was.state) tell(is);
    });
  }, [run, ui, t, nameOf]);
  return null;
}
