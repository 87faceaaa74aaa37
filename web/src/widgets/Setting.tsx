import { useStore } from "zustand";
import { useEdit } from "../actions/edit";
import { labelOf } from "../catalog/names";
import { boundsOf, kindOf } from "../catalog/settings";
import { type SettingSpec } from "../catalog/spec";
import { severityOf } from "../check/problem";
import { setInput } from "../document/commands/inputs";
import { type Json, isLink } from "../document/model";
import { useT } from "../i18n/t";
import { useSession } from "../session";
import { WIDGETS } from "./registry";
import styles from "./widgets.module.css";

export interface SettingProps {
  node: string;
  setting: SettingSpec;
  value: Json | undefined;
}

/** A setting with its name: on the node, and in the inspector. */
export function Setting({ node, setting, value }: SettingProps) {
  const t = useT();
  const edit = useEdit();
  const { document, check } = useSession();
  const invalid = useStore(check, (state) => state.byNode[node]?.some((problem) => problem.port === setting.name && severityOf(problem) !== "incomplete") ?? false);
  const kind = kindOf(setting);
  const label = labelOf(setting.name);
  const Widget = WIDGETS[kind];
  if (isLink(value)) {
    return (
      <div className={styles.setting} title={helpOf(setting)}>
        <span className={styles.name}>{label}</span>
        <span className={styles.linked}>{t("widgets.linked", { source: value.link })}</span>
      </div>
    );
  }
  return (
    <div className={styles.setting} data-kind={kind} title={kind === "text" ? undefined : helpOf(setting)}>
      {kind !== "text" && <span className={styles.name}>{label}</span>}
      <Widget
        node={node}
        setting={setting}
        value={value ?? setting.default}
        label={label}
        invalid={invalid}
        onChange={(next, gesture) => edit("edit.set", { node, input: label }, setInput(node, setting.name, next), gesture && `${node} ${gesture}`)}
        onSettle={document.settle}
      />
    </div>
  );
}

/** What it is, and what it takes. */
export function helpOf(setting: SettingSpec): string {
  const { min, max, step } = boundsOf(setting.schema);
  const kind = kindOf(setting);
  const range = kind === "number" && Number.isFinite(min) && Number.isFinite(max) ? `${min} … ${max}, ± ${step}` : "";
  const preset = setting.default === undefined || setting.default === "" ? "" : `= ${JSON.stringify(setting.default)}`;
  return [setting.description, [range, preset].filter(Boolean).join("  ")].filter(Boolean).join("\n");
}
