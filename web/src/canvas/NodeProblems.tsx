import { useProblems } from "../check/hooks";
import { ProblemItem } from "../check/ProblemItem";
import styles from "./GraphNode.module.css";

/** What is wrong with this node, below it, where it is mended. */
export function NodeProblems({ id }: { id: string }) {
  const problems = useProblems(id);
  if (problems.length === 0) return null;
  return (
    <div className={`${styles.problems} nodrag nopan`}>
      {problems.map((problem, at) => (
        <ProblemItem key={`${problem.code}${problem.port}${at}`} problem={problem} />
      ))}
    </div>
  );
}
