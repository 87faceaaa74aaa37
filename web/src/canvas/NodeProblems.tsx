import { useProblems } from "../check/hooks";
import { severityOf } from "../check/problem";
import { ProblemItem } from "../check/ProblemItem";
import { labelOf } from "../catalog/names";
import { useT } from "../i18n/t";
import styles from "./GraphNode.module.css";

/** What is wrong with this node, below it, where it is mended. What is only not done yet waits until it is chosen. */
export function NodeProblems({ id, selected }: { id: string; selected: boolean }) {
  const t = useT();
  const problems = useProblems(id);
  if (problems.length === 0) return null;
  const told = selected ? problems : problems.filter((problem) => severityOf(problem) !== "incomplete");
  const open = selected ? [] : problems.filter((problem) => severityOf(problem) === "incomplete");
  return (
    <div className={`${styles.problems} nodrag nopan`}>
      {told.map((problem, at) => (
        <ProblemItem key={`${problem.code}${problem.port}${at}`} problem={problem} />
      ))}
      {open.length > 0 && <p className={styles.todo}>{t("canvas.needs", { inputs: open.map(({ port, message }) => (port ? labelOf(port) : message)).join(", ") })}</p>}
    </div>
  );
}
