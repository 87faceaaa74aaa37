import { useStore } from "zustand";
import { ProblemCard } from "../check/ProblemCard";
import { NO_PROBLEMS } from "../check/store";
import { useSession } from "../session";
import styles from "./GraphNode.module.css";

/** What is wrong with this node, below it, where it is mended. */
export function NodeProblems({ id }: { id: string }) {
  const { check } = useSession();
  const problems = useStore(check, (state) => state.byNode[id] ?? NO_PROBLEMS);
  if (problems.length === 0) return null;
  return (
    <div className={`${styles.problems} nodrag`}>
      {problems.map((problem, at) => (
        <ProblemCard key={`${problem.code}${problem.port}${at}`} problem={problem} />
      ))}
    </div>
  );
}
