import { useStore } from "zustand";
import { labelOf } from "../catalog/names";
import { useEdit } from "../actions/edit";
import { setMeta } from "../document/commands/inputs";
import { parseLink } from "../document/model";
import { useT } from "../i18n/t";
import { useDocument, useSession } from "../session";
import { Setting } from "../widgets/Setting";
import { keepKeys } from "../widgets/TextWidget";
import styles from "./Inspector.module.css";

/** The workflow: what it is for, and the few settings its author meant to be turned, as a form. */
export function WorkflowInspector() {
  const t = useT();
  const edit = useEdit();
  const { document } = useSession();
  const file = useDocument((state) => state.file);
  const parameters = Object.entries(file.parameters ?? {});
  const text = (key: string): string => (typeof file.meta?.[key] === "string" ? file.meta[key] : "");
  return (
    <div className={styles.sections}>
      <section>
        <input className={styles.metaTitle} aria-label={t("inspector.workflow.title")} placeholder={t("inspector.workflow.title")} value={text("title")} onChange={(event) => edit("edit.rename", { name: event.target.value }, setMeta("title", event.target.value), "meta title")} onBlur={document.settle} onKeyDown={keepKeys} />
        <textarea className={styles.metaText} rows={3} aria-label={t("inspector.workflow.about")} placeholder={t("inspector.workflow.about")} value={text("description")} onChange={(event) => edit("edit.note", {}, setMeta("description", event.target.value), "meta description")} onBlur={document.settle} onKeyDown={keepKeys} />
      </section>
      <section>
        <h4 className={styles.heading}>{t("inspector.parameters")}</h4>
        {parameters.length === 0 && <p className={styles.quiet}>{t("inspector.parameters.none")}</p>}
        {parameters.map(([name, target]) => (
          <Parameter key={name} name={name} target={target} />
        ))}
      </section>
    </div>
  );
}

function Parameter({ name, target }: { name: string; target: string }) {
  const { catalog, canvas } = useSession();
  const { node, port } = parseLink(target);
  const entry = useDocument((state) => state.file.nodes[node]);
  const setting = useStore(catalog, (state) => state.specs[entry?.type ?? ""]?.settings.find((item) => item.name === port));
  if (!entry || !setting) return null;
  return (
    <div className={styles.entry}>
      <button type="button" className={styles.paramName} title={target} onClick={() => canvas.view?.focus(node)}>
        {labelOf(name)}
      </button>
      <div className={styles.control} data-tall={setting.schema["x-multiline"] === true || undefined}>
        <Setting node={node} setting={setting} value={entry.inputs?.[port]} />
      </div>
    </div>
  );
}
