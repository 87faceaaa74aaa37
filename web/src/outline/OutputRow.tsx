import { labelOf } from "../catalog/names";
import { linkTo } from "../document/model";
import { useFacts } from "../check/hooks";
import { useT } from "../i18n/t";
import { Button } from "../ui/Button";
import styles from "./OutlineRow.module.css";
import { type OutlineOutput } from "./tree";

interface OutputProps {
  node: string;
  output: OutlineOutput;
  onGo(key: string): void;
}

/** Who reads an output, and what is known of it. */
export function Output({ node, output, onGo }: OutputProps) {
  const t = useT();
  const known = useFacts(`${node}.${output.name}`);
  return (
    <>
      <span className={styles.name}>
        <span className="visually-hidden">{t("outline.output", { name: "" })}</span>
        {labelOf(output.name)}
      </span>
      <span className={styles.ends}>
        {output.readers.length === 0 && <span className={styles.unread}>{t("outline.unread")}</span>}
        {output.readers.map((reader) => (
          <Button key={linkTo(reader).link} small look="quiet" tabIndex={-1} className={styles.end} onClick={() => onGo(reader.node)}>
            <span className={styles.endText}>{`→ ${reader.node} · ${labelOf(reader.port)}`}</span>
          </Button>
        ))}
      </span>
      {known?.short && <span className={styles.facts}>{known.short}</span>}
    </>
  );
}
