import { allFacts } from "../check/facts";
import { useFacts } from "../check/hooks";
import styles from "./GraphNode.module.css";

/** What is known of an output before it is computed: `4ch f8`. */
export function FactHint({ output }: { output: string }) {
  const known = useFacts(output);
  if (!known?.short) return null;
  return (
    <span className={styles.facts} title={allFacts(known.facts)}>
      {known.short}
    </span>
  );
}
