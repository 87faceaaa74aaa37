import { type FocusEvent, type KeyboardEvent } from "react";
import { useStore } from "zustand";
import { useEdit } from "../actions/edit";
import { labelOf, titleOf } from "../catalog/names";
import { type SettingSpec } from "../catalog/spec";
import { useProblems } from "../check/hooks";
import { ProblemItem } from "../check/ProblemItem";
import { parameterOf, setParameter } from "../document/commands/inputs";
import { renameNode } from "../document/commands/nodes";
import { type NodeEntry } from "../document/model";
import { useT } from "../i18n/t";
import { useDocument, useSession } from "../session";
import { IconButton } from "../ui/Button";
import { Setting } from "../widgets/Setting";
import styles from "./Inspector.module.css";

/** One node: its name, its problems, all its settings with their help, and what it does. */
export function NodeInspector({ id }: { id: string }) {
  const t = useT();
  const { catalog, ui } = useSession();
  const entry = useDocument((state) => state.file.nodes[id]);
  const spec = useStore(catalog, (state) => state.specs[entry?.type ?? ""]);
  const problems = useProblems(id);
  if (!entry) return null;
  return (
    <div className={styles.sections}>
      <section>
        <div className={styles.top}>
          <h3 className={styles.title}>{titleOf(entry.type)}</h3>
          {spec && <IconButton small icon="help" label={t("docs.title")} onClick={() => ui.setState({ right: "docs" })} />}
        </div>
        <p className={styles.summary}>{spec?.summary ?? t("canvas.unknownType", { type: entry.type })}</p>
        <NodeName id={id} />
      </section>
      {problems.length > 0 && (
        <section className={styles.problems}>
          {problems.map((problem, at) => (
            <ProblemItem key={`${problem.code}${problem.port}${at}`} problem={problem} />
          ))}
        </section>
      )}
      {spec && spec.settings.length > 0 && (
        <section>
          <h4 className={styles.heading}>{t("inspector.settings")}</h4>
          {spec.settings.map((setting) => (
            <SettingEntry key={setting.name} id={id} entry={entry} setting={setting} />
          ))}
        </section>
      )}
    </div>
  );
}

function SettingEntry({ id, entry, setting }: { id: string; entry: NodeEntry; setting: SettingSpec }) {
  const t = useT();
  const edit = useEdit();
  const parameter = useDocument(({ file }) => parameterOf(file, id, setting.name));
  const parameters = useDocument(({ file }) => file.parameters);
  const toggle = (): void => {
    const name = parameter ?? (parameters?.[setting.name] === undefined ? setting.name : `${id}_${setting.name}`);
    edit("edit.parameter", { name }, setParameter(name, parameter === undefined ? `${id}.${setting.name}` : undefined));
  };
  return (
    <div className={styles.entry}>
      <div className={styles.control} data-tall={setting.schema["x-multiline"] === true || undefined}>
        <Setting node={id} setting={setting} value={entry.inputs?.[setting.name]} />
        <IconButton small icon="outline" aria-pressed={parameter !== undefined} label={t("inspector.asParameter", { input: labelOf(setting.name) })} onClick={toggle} />
      </div>
      <p className={styles.help}>{setting.description}</p>
    </div>
  );
}

function NodeName({ id }: { id: string }) {
  const t = useT();
  const edit = useEdit();
  const { document, ui } = useSession();
  const rename = (event: FocusEvent<HTMLInputElement>): void => {
    const name = event.target.value.trim();
    const { nodes } = document.getState().file;
    if (name === "" || name === id || nodes[name]) {
      event.target.value = id;
      if (nodes[name] && name !== id) ui.toast({ kind: "error", text: t("inspector.taken", { name }) });
      return;
    }
    edit("edit.rename", { name }, renameNode(id, name));
    ui.select([name]);
  };
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>): void => {
    event.stopPropagation();
    if (event.nativeEvent.isComposing) return;
    if (event.key === "Escape") event.currentTarget.value = id;
    if (event.key === "Enter" || event.key === "Escape") event.currentTarget.blur();
  };
  return (
    <label className={styles.name}>
      <span>{t("inspector.name")}</span>
      <input data-rename defaultValue={id} spellCheck={false} onBlur={rename} onKeyDown={onKeyDown} />
    </label>
  );
}
