import { useMemo } from "react";
import { useStore } from "zustand";
import { type Translate, useT } from "../i18n/t";
import { useSession } from "../session";
import { IconButton } from "../ui/Button";
import styles from "./PlanLine.module.css";
import { isVisible } from "./store";
import { type PlanSummary, durationText, summarise } from "./summary";

/** "3 run, 9 cached, about 4 s": beside Run, while the plan is in sight. */
export function PlanLine() {
  const t = useT();
  const { plan } = useSession();
  const state = useStore(plan);
  const summary = useMemo(() => summarise(state.steps), [state.steps]);
  if (!isVisible(state)) return null;
  if (state.status === "unreachable") return <span className={styles.line}>{t("plan.unreachable")}</span>;
  if (state.status !== "done" && summary.counts.length === 0) return <span className={styles.line}>{t("plan.asking")}</span>;
  return (
    <span className={styles.line} role="status">
      {summary.counts.length === 0 && t("plan.nothing")}
      {summary.counts.map(([kind, count]) => (
        <span key={kind} className={styles.count} data-plan={kind}>
          {t(`plan.${kind}.count`, { count })}
        </span>
      ))}
      {summary.seconds > 0 && <span className={styles.time}>{timeText(t, summary)}</span>}
    </span>
  );
}

function timeText(t: Translate, { seconds, isOpen }: PlanSummary): string {
  return t(isOpen ? "plan.atLeast" : "plan.about", { time: durationText(seconds) });
}

/** Keeps the plan in sight and true while the workflow is changed. */
export function PlanToggle() {
  const t = useT();
  const { plan } = useSession();
  const pinned = useStore(plan, (state) => state.pinned);
  return <IconButton icon="eye" label={t("plan.toggle")} aria-pressed={pinned} onClick={() => plan.togglePin()} />;
}
