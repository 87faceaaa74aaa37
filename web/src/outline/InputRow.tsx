import { labelOf } from "../catalog/names";
import { linkTo } from "../document/model";
import { useT } from "../i18n/t";
import { Button, IconButton } from "../ui/Button";
import { Setting } from "../widgets/Setting";
import { type RowProps } from "./OutlineRow";
import styles from "./OutlineRow.module.css";
import { type OutlineInput } from "./tree";

interface InputProps extends Pick<RowProps, "row" | "onGo" | "onAsk" | "onTakeAway"> {
  node: string;
  input: OutlineInput;
}

/** What an input is given: where it reads from, or its value, to be changed in place. */
export function Input({ row, node, input, onGo, onAsk, onTakeAway }: InputProps) {
  const t = useT();
  if (input.sources.length > 0) {
    return (
      <>
        <Name input={input} />
        <span className={styles.ends}>
          <span className="visually-hidden">{t("outline.from", { sources: "" })}</span>
          {input.sources.map((source) => (
            <Button key={linkTo(source).link} small look="quiet" tabIndex={-1} className={styles.end} onClick={() => onGo(source.node)}>
              <span className={styles.endText}>{`← ${source.node} · ${labelOf(source.port)}`}</span>
            </Button>
          ))}
        </span>
        <span className={styles.tools}>
          <IconButton small icon="close" tabIndex={-1} label={t("outline.unlink", { input: labelOf(input.name) })} onClick={() => onTakeAway(row)} />
        </span>
      </>
    );
  }
  if (input.kind === "setting") {
    return (
      <div className={styles.setting}>
        <Setting node={node} setting={input.setting} value={input.value} />
      </div>
    );
  }
  if (input.kind === "unknown") {
    return (
      <>
        <Name input={input} />
        <code className={styles.raw}>{JSON.stringify(input.value)}</code>
      </>
    );
  }
  return (
    <>
      <Name input={input} />
      <Button small look="quiet" tabIndex={-1} className={styles.end} data-missing={input.missing || undefined} onClick={() => onAsk(row, "link")}>
        {input.missing ? t("outline.missing", { type: input.type }) : t("outline.optional")}
      </Button>
    </>
  );
}

function Name({ input }: { input: OutlineInput }) {
  const t = useT();
  return (
    <span className={styles.name} title={labelOf(input.name)}>
      <span className="visually-hidden">{t("outline.input", { name: "" })}</span>
      {labelOf(input.name)}
    </span>
  );
}
