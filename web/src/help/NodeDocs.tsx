import { type CSSProperties, type ReactNode } from "react";
import { labelOf, titleOf } from "../catalog/names";
import { type NodeSpec, type PortSpec, type SettingSpec } from "../catalog/spec";
import { FactList } from "../check/FactList";
import { useFacts } from "../check/hooks";
import { useT } from "../i18n/t";
import { typeHue, typeShape } from "../theme/hues";
import styles from "./NodeDocs.module.css";
import { Prose } from "./Prose";
import { choicesOf, paragraphsOf, sourcesOf, valueWords } from "./docs";

/** All there is to know of a node type; with a node, also what is known of its values. */
export function NodeDocs({ spec, node }: { spec: NodeSpec; node?: string }) {
  const t = useT();
  const [summary, ...more] = paragraphsOf(spec);
  const sources = sourcesOf(spec);
  return (
    <article className={styles.docs}>
      <header>
        <h3 className={styles.title}>{titleOf(spec.type)}</h3>
        <p className={styles.meta}>
          <span>{spec.category}</span>
          <span>{t("docs.version", { version: spec.version })}</span>
          <code>{spec.type}</code>
        </p>
      </header>
      <p className={styles.summary}>
        <Prose text={summary ?? ""} />
      </p>
      {more.map((text) => (
        <p key={text} className={styles.more}>
          <Prose text={text} />
        </p>
      ))}
      {spec.effect && <p className={styles.effect}>{t("docs.effect")}</p>}
      <Part title={t("docs.inputs")}>
        {spec.inputs.map((port) => (
          <Port key={port.name} port={port} />
        ))}
      </Part>
      <Part title={t("docs.settings")}>
        {spec.settings.map((setting) => (
          <Setting key={setting.name} setting={setting} />
        ))}
      </Part>
      <Part title={t("docs.outputs")}>
        {spec.outputs.map((output) => (
          <Output key={output.name} {...output} node={node} />
        ))}
      </Part>
      <Part title={t("docs.sources")}>
        {sources.map((source) => (
          <li key={source}>{source}</li>
        ))}
      </Part>
    </article>
  );
}

function Part({ title, children }: { title: string; children: readonly ReactNode[] }) {
  if (children.length === 0) return null;
  return (
    <section className={styles.part} aria-label={title}>
      <h4 className={styles.heading}>{title}</h4>
      <ul className={styles.items}>{children}</ul>
    </section>
  );
}

function Port({ port }: { port: PortSpec }) {
  const t = useT();
  const marks = [port.optional && t("docs.optional"), port.many && t("docs.many")].filter((mark) => mark !== false);
  return (
    <li>
      <p className={styles.name}>
        {labelOf(port.name)}
        <TypeChip type={port.type} variable={port.variable} />
        {marks.map((mark) => (
          <span key={mark} className={styles.mark}>
            {mark}
          </span>
        ))}
      </p>
      <p className={styles.text}>
        <Prose text={port.description} />
      </p>
    </li>
  );
}

function Setting({ setting }: { setting: SettingSpec }) {
  const t = useT();
  const choices = choicesOf(setting);
  return (
    <li>
      <p className={styles.name}>{labelOf(setting.name)}</p>
      <p className={styles.text}>
        <Prose text={setting.description} />
      </p>
      {choices.length > 0 && (
        <p className={styles.choices}>
          {choices.map((choice) => (
            <code key={choice}>{choice}</code>
          ))}
        </p>
      )}
      <p className={styles.range}>{valueWords(t, setting).join(" · ")}</p>
    </li>
  );
}

function Output({ name, type, node }: { name: string; type: string; node: string | undefined }) {
  const t = useT();
  const known = useFacts(`${node ?? ""}.${name}`);
  return (
    <li>
      <p className={styles.name}>
        {labelOf(name)}
        <TypeChip type={type} variable={/^[A-Z]$/.test(type)} />
      </p>
      {known && (
        <details className={styles.known}>
          <summary>
            {t("docs.known")} {known.short && <b>{known.short}</b>}
          </summary>
          <FactList facts={known.facts} />
        </details>
      )}
    </li>
  );
}

function TypeChip({ type, variable }: { type: string; variable: boolean }) {
  const t = useT();
  return (
    <span className={styles.type} style={{ "--hue": typeHue(type) } as CSSProperties} data-shape={typeShape(type)}>
      {variable ? t("docs.any") : type}
    </span>
  );
}
