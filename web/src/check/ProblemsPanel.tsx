import { useStore } from "zustand";
import { type Problem } from "../api/client";
import { reveal } from "../app/reveal";
import { useT } from "../i18n/t";
import { useDocument, useSession } from "../session";
import { Button, IconButton } from "../ui/Button";
import { Icon } from "../ui/Icon";
import { ProblemItem } from "./ProblemItem";
import styles from "./ProblemsPanel.module.css";
import { SEVERITIES, count, problemText, worst } from "./problem";

/** Everything wrong with the document in front, node by node, with what mends it. */
export function ProblemsPanel() {
  const t = useT();
  const { check } = useSession();
  const { status, problems, byNode, hidden, message } = useStore(check);
  return (
    <div className={styles.panel}>
      <Head problems={problems} />
      {status === "unreachable" && <Note text={t("check.offline")} />}
      {status === "refused" && <Note text={`${t("check.refused")}: ${message ?? ""}`} />}
      {problems.length === 0 && status !== "refused" && <Nothing isKnown={status === "done"} />}
      <ul className={styles.nodes}>
        {Object.entries(byNode).map(([node, found]) => (
          <li key={node}>
            <NodeProblems node={node} problems={found} />
          </li>
        ))}
      </ul>
      {hidden > 0 && <p className={styles.hidden}>{t("check.hidden", { count: hidden })}</p>}
    </div>
  );
}

function Head({ problems }: { problems: readonly Problem[] }) {
  const t = useT();
  const { check, ui } = useSession();
  const copy = async (): Promise<void> => {
    await navigator.clipboard.writeText(problems.map(problemText).join("\n"));
    ui.say(t("check.copied"));
  };
  return (
    <div className={styles.head}>
      <ul className={styles.counts}>
        {SEVERITIES.filter((severity) => count(problems, severity) > 0).map((severity) => (
          <li key={severity} data-severity={severity}>
            {t(`check.${severity}s`, { count: count(problems, severity) })}
          </li>
        ))}
      </ul>
      <IconButton small icon="again" label={t("check.again")} onClick={() => check.again()} />
      <IconButton small icon="copy" label={t("check.copy")} disabled={problems.length === 0} onClick={() => void copy()} />
    </div>
  );
}

function NodeProblems({ node, problems }: { node: string; problems: readonly Problem[] }) {
  const t = useT();
  const session = useSession();
  const title = useDocument(({ file }) => file.layout?.titles?.[node] ?? node);
  const type = useDocument(({ file }) => file.nodes[node]?.type);
  return (
    <section className={styles.node} aria-label={title || t("check.whole")}>
      <h3 className={styles.title} data-severity={worst(problems)}>
        {type === undefined ? (
          <span className={styles.name}>{title || t("check.whole")}</span>
        ) : (
          <Button look="quiet" small className={styles.show} title={t("check.show", { node: title })} onClick={() => reveal(session, node)}>
            <span className={styles.name}>{title}</span>
            <span className={styles.type}>{type}</span>
          </Button>
        )}
      </h3>
      {problems.map((problem, at) => (
        <ProblemItem key={at} problem={problem} />
      ))}
    </section>
  );
}

function Nothing({ isKnown }: { isKnown: boolean }) {
  const t = useT();
  if (!isKnown) return <p className={styles.hidden}>{t("check.checking")}</p>;
  return (
    <div className={styles.nothing}>
      <span className={styles.tick}>
        <Icon name="check" />
      </span>
      <p>{t("check.none")}</p>
      <p className={styles.hidden}>{t("check.none.hint")}</p>
    </div>
  );
}

function Note({ text }: { text: string }) {
  return (
    <p className={styles.note} role="status">
      <Icon name="warning" />
      <span>{text}</span>
    </p>
  );
}
