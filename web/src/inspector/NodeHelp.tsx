import { type CSSProperties } from "react";
import { labelOf } from "../catalog/names";
import { type NodeSpec } from "../catalog/spec";
import { useT } from "../i18n/t";
import { typeHue } from "../theme/hues";
import styles from "./Inspector.module.css";

/** What a node does, takes and gives: the words of its own declaration. */
export function NodeHelp({ spec }: { spec: NodeSpec }) {
  const t = useT();
  const [, ...more] = spec.description.split("\n\n");
  return (
    <section>
      {more.length > 0 && (
        <>
          <h4 className={styles.heading}>{t("inspector.about")}</h4>
          {more.map((paragraph) => (
            <p key={paragraph} className={styles.summary}>
              {paragraph.replaceAll("\n", " ")}
            </p>
          ))}
        </>
      )}
      {spec.inputs.length > 0 && <h4 className={styles.heading}>{t("inspector.inputs")}</h4>}
      {spec.inputs.map((port) => (
        <Port key={port.name} name={port.name} type={port.type} text={port.description} optional={port.optional} />
      ))}
      {spec.outputs.length > 0 && <h4 className={styles.heading}>{t("inspector.outputs")}</h4>}
      {spec.outputs.map((port) => (
        <Port key={port.name} name={port.name} type={port.type} />
      ))}
    </section>
  );
}

function Port({ name, type, text, optional }: { name: string; type: string; text?: string; optional?: boolean }) {
  const t = useT();
  return (
    <div className={styles.port}>
      <span className={styles.portName}>
        {labelOf(name)}
        <span className={styles.type} style={{ "--hue": typeHue(type) } as CSSProperties}>
          {type}
        </span>
        {optional && <span className={styles.quiet}>{t("inspector.optional")}</span>}
      </span>
      {text && <p className={styles.help}>{text}</p>}
    </div>
  );
}
