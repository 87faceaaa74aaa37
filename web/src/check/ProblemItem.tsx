import { type Fix, type Problem } from "../api/client";
import { useT } from "../i18n/t";
import { useSession } from "../session";
import { Button } from "../ui/Button";
import { applyFix, isApplicable } from "./apply-fix";
import { severityOf } from "./problem";
import styles from "./ProblemItem.module.css";

/** One problem with its fixes; `port` is left out where the place already says it. */
export function ProblemItem({ problem, withPort = true }: { problem: Problem; withPort?: boolean }) {
  const t = useT();
  const severity = severityOf(problem);
  return (
    <div className={styles.problem} data-severity={severity}>
      <p className={styles.message}>
        <span className="visually-hidden">{t(`check.${severity}`)}: </span>
        {withPort && problem.port && <code className={styles.port}>{problem.port}</code>}
        {problem.message}
      </p>
      <Details problem={problem} />
      <Fixes fixes={problem.fixes} />
    </div>
  );
}

function Details({ problem }: { problem: Problem }) {
  const t = useT();
  const rows = [
    // The message of an empty input says it all.
    ...(severityOf(problem) === "incomplete" ? [] : [["check.got", problem.got] as const]),
    ["check.expected", problem.expected] as const,
    ["check.because", problem.because?.join("; ")] as const,
  ].filter(([, text]) => text);
  if (rows.length === 0) return null;
  return (
    <dl className={styles.details}>
      {rows.map(([label, text]) => (
        <div key={label}>
          <dt>{t(label)}</dt>
          <dd>{text}</dd>
        </div>
      ))}
    </dl>
  );
}

function Fixes({ fixes }: { fixes: readonly Fix[] }) {
  const t = useT();
  const session = useSession();
  const press = (fix: Fix): void => {
    session.document.apply(applyFix(fix));
    session.ui.say(t("check.fixed", { fix: fix.text }));
  };
  if (fixes.length === 0) return null;
  return (
    <ul className={styles.fixes}>
      {fixes.map((fix) => (
        <li key={fix.text}>
          {isApplicable(fix) ? (
            <Button small aria-label={t("check.fix", { fix: fix.text })} className={styles.fix} onClick={() => press(fix)}>
              {fix.text}
            </Button>
          ) : (
            <span className={styles.advice}>{fix.text}</span>
          )}
        </li>
      ))}
    </ul>
  );
}
