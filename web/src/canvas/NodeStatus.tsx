import { useT } from "../i18n/t";
import { type StepState } from "../run/store";
import { Icon } from "../ui/Icon";
import styles from "./GraphNode.module.css";

/** How far the node's step is: a badge in its head, a bar under it. */
export function NodeStatus({ step }: { step: StepState }) {
  const t = useT();
  const { status, seconds, reason, progress, error } = step;
  if (status === "idle") return null;
  const label = t(`canvas.status.${status}`);
  const why = error?.message ?? reason;
  return (
    <>
      <span className={styles.badge} data-status={status} title={why ? `${label}: ${why}` : label}>
        {status === "done" && <Icon name="check" size={12} />}
        {status === "failed" && <Icon name="warning" size={12} />}
        {status === "running" && progress && progress.total > 0 ? `${progress.done}/${progress.total}` : seconds !== undefined && status === "done" ? secondsText(seconds) : label}
      </span>
      {status === "running" && (
        <span className={styles.bar} role="progressbar" aria-label={label} aria-valuemin={0} aria-valuemax={progress?.total} aria-valuenow={progress?.done} data-endless={!progress?.total || undefined}>
          <span style={{ width: progress?.total ? `${(progress.done / progress.total) * 100}%` : undefined }} />
        </span>
      )}
    </>
  );
}

export function secondsText(seconds: number): string {
  if (seconds < 0.1) return "<0.1 s";
  return seconds < 10 ? `${seconds.toFixed(1)} s` : `${Math.round(seconds)} s`;
}
