import { useT } from "../i18n/t";
import { durationText } from "../plan/summary";
import { type StepState } from "../run/store";
import { useStep } from "../run/useStep";
import styles from "./StepMark.module.css";

/** How far a node is in the run that is shown: a dot for the eye, words for the ear. */
export function StepMark({ nodeId }: { nodeId: string }) {
  const t = useT();
  const step = useStep(nodeId);
  if (step.status === "idle") return null;
  return (
    <span className={styles.mark} data-status={step.status}>
      {step.status === "running" && <Progress step={step} />}
      <span>{t(`outline.status.${step.status}`)}</span>
      {step.seconds !== undefined && step.status === "done" && <span>{durationText(step.seconds)}</span>}
    </span>
  );
}

function Progress({ step: { progress } }: { step: StepState }) {
  const t = useT();
  if (!progress || progress.total <= 0) return null;
  return <progress className={styles.progress} max={progress.total} value={progress.done} aria-label={t("outline.progress", { done: progress.done, total: progress.total })} />;
}
