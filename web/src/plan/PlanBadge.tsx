import { useT } from "../i18n/t";
import { Icon, type IconName } from "../ui/Icon";
import styles from "./PlanBadge.module.css";
import { usePlan } from "./hooks";
import { type PlanStepState } from "./store";
import { durationText } from "./summary";

const ICONS: Record<PlanStepState, IconName> = {
  run: "play",
  "may run": "play",
  cached: "check",
  blocked: "close",
  "left out": "minus",
};

/** What a run would do with a node, drawn on it while the plan is in sight; the reason is its tooltip. */
export function PlanBadge({ nodeId }: { nodeId: string }) {
  const t = useT();
  const step = usePlan(nodeId);
  if (!step) return null;
  const state = t(`plan.${step.state}`);
  return (
    <span className={styles.badge} data-plan={step.state} role="img" aria-label={t("plan.badge", { state, reason: step.reason })} title={step.reason}>
      <Icon name={ICONS[step.state]} size={10} />
      {state}
      {step.seconds !== null && step.state !== "cached" && <span className={styles.time}>{durationText(step.seconds)}</span>}
    </span>
  );
}
