import { perform } from "../actions/perform";
import { useT } from "../i18n/t";
import { useStep } from "../run/useStep";
import { useSession } from "../session";
import { Button, IconButton } from "../ui/Button";
import styles from "./GraphNode.module.css";

/** Why this node's step failed in the last run, in the server's words, and the way to try again. */
export function NodeFailure({ id }: { id: string }) {
  const t = useT();
  const session = useSession();
  const { status, error } = useStep(id);
  if (status !== "failed" || !error) return null;
  const sentence = [error.message, error.fix].filter(Boolean).join("; ");
  const copy = (): void => {
    void navigator.clipboard.writeText(`${id}: ${sentence}`).then(() => session.ui.say(t("check.copied")));
  };
  return (
    <section className={`${styles.failure} nodrag nopan`} aria-label={t("canvas.status.failed")}>
      <p>{sentence}</p>
      <div>
        {/* What is done stays done: only this step and what waits for it run again. */}
        <Button small icon="again" onClick={() => perform(session, "run")}>
          {t("canvas.retry")}
        </Button>
        <IconButton small icon="copy" label={t("canvas.failure.copy")} onClick={copy} />
      </div>
    </section>
  );
}
