import { type TextKey, useT } from "../i18n/t";
import { checkWords } from "./words";
import { type JsonObject } from "../document/model";
import { factText } from "./facts";
import styles from "./FactList.module.css";

/** All that is known of a value; facts without a word of ours keep the engine's own name. */
export function FactList({ facts }: { facts: JsonObject }) {
  const t = useT();
  return (
    <dl className={styles.facts}>
      {Object.entries(facts).map(([name, value]) => (
        <div key={name} className={styles.fact}>
          <dt>{isNamed(`facts.${name}`) ? t(`facts.${name}` as TextKey) : name}</dt>
          <dd>{factText(value)}</dd>
        </div>
      ))}
    </dl>
  );
}

function isNamed(key: string): boolean {
  return key in checkWords.en;
}
