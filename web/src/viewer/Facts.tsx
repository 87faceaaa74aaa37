import { useEffect, useState } from "react";
import { useT } from "../i18n/t";
import { readReceipt } from "../workflows/read-file";
import styles from "./Viewer.module.css";
import { type Fact, factsOf } from "./facts";

/** What a picture tells of how it was made. */
export function Facts({ href }: { href: string }) {
  const t = useT();
  const [facts, setFacts] = useState<Fact[]>();
  useEffect(() => {
    const stop = new AbortController();
    fetch(href, { signal: stop.signal })
      .then((response) => response.arrayBuffer())
      .then((bytes) => {
        const found = readReceipt(new Uint8Array(bytes));
        setFacts(found ? factsOf(found.workflow.file, found.receipt) : []);
      })
      .catch(() => stop.signal.aborted || setFacts([]));
    return () => stop.abort();
  }, [href]);
  if (!facts) return null;
  if (facts.length === 0) return <p className={styles.noFacts}>{t("viewer.noFacts")}</p>;
  return (
    <dl className={styles.facts}>
      {facts.map(({ name, value, node }) => (
        <div key={`${node}.${name}`} className={styles.fact}>
          <dt>
            {name} <span className={styles.node}>{node}</span>
          </dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
