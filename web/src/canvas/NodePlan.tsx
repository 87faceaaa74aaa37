import { useStore } from "zustand";
import { useT } from "../i18n/t";
import { useSession } from "../session";
import styles from "./GraphNode.module.css";
import { secondsText } from "./NodeStatus";

const KEYS = { cached: "canvas.plan.cached", run: "canvas.plan.run", "may run": "canvas.plan.maybe", unused: "canvas.plan.unused", blocked: "canvas.plan.blocked" } as const;

/** What a run would do with this node, and why; shown while somebody asks what would run. */
export function NodePlan({ id }: { id: string }) {
  const t = useT();
  const { plan } = useSession();
  const planned = useStore(plan, (state) => (state.shown || state.pinned ? state.steps[id] : undefined));
  if (!planned) return null;
  return (
    <div className={styles.plan} data-plan={planned.state}>
      <b>{t(KEYS[planned.state])}</b>
      {planned.seconds !== null && <span>{secondsText(planned.seconds)}</span>}
      <span className={styles.why}>{planned.reason}</span>
    </div>
  );
}
