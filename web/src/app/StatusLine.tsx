import { useStore } from "zustand";
import { count, worst } from "../check/problem";
import { useT } from "../i18n/t";
import { useDocument, useSession } from "../session";
import { Icon } from "../ui/Icon";
import styles from "./App.module.css";

/** What is wrong, whether the server is there, and how large the graph is. */
export function StatusLine() {
  const t = useT();
  const { run, check, ui } = useSession();
  const connection = useStore(run, (state) => state.connection);
  const found = useStore(check, (state) => state.problems);
  const problems = found.length;
  const isUnfinished = worst(found) === "incomplete";
  const status = useStore(check, (state) => state.status);
  const nodes = useDocument((state) => Object.keys(state.file.nodes).length);
  return (
    <footer className={styles.status} aria-label={t("app.status")}>
      <button type="button" className={styles.statusItem} data-worst={worst(found)} onClick={() => ui.setState({ right: "problems" })}>
        <Icon name={isUnfinished ? "outline" : problems > 0 ? "warning" : "check"} size={12} />
        {status === "unknown" ? t("app.loading") : status === "unreachable" ? t("app.unchecked") : isUnfinished ? t("check.incompletes", { count: count(found, "incomplete") }) : problems > 0 ? t("app.problems", { count: problems }) : t("app.ready")}
      </button>
      <span className={styles.grow} />
      <span>{t("app.nodes", { count: nodes })}</span>
      <span className={styles.connection} data-state={connection}>
        {t(`app.connection.${connection}`)}
      </span>
    </footer>
  );
}
