import { type ChangeEvent, useRef, useState } from "react";
import { useStore } from "zustand";
import { uploadInput } from "../api/inputs";
import { loadModels } from "../catalog/load";
import { type Json, isObject } from "../document/model";
import { pictureIn } from "../gallery/load-picture";
import { useT } from "../i18n/t";
import { useSession } from "../session";
import { IconButton } from "../ui/Button";
import { type PickerItem } from "../ui/Picker";
import { Choices } from "./ChoiceWidget";
import { type WidgetProps } from "./props";
import styles from "./widgets.module.css";

/** A file is named plainly, or with the digest that it must have. */
export function fileName(value: Json | undefined): string {
  if (typeof value === "string") return value;
  return isObject(value) && typeof value["name"] === "string" ? value["name"] : "";
}

/** A model file of the server's folders; says so when the file named is not there. */
export function ModelWidget({ setting, value, label, invalid, onChange }: WidgetProps) {
  const { api, catalog } = useSession();
  const models = useStore(catalog, (state) => state.models);
  const suffixes = Array.isArray(setting.schema["x-suffixes"]) ? setting.schema["x-suffixes"].map(String) : [];
  const items = models
    .filter(({ name }) => suffixes.length === 0 || suffixes.some((suffix) => name.endsWith(suffix)))
    .map(({ name, bytes }): PickerItem => ({ id: name, label: name, hint: sizeOf(bytes) }));
  const name = fileName(value);
  return (
    <Choices items={items} shown={name} label={label} invalid={invalid} missing={name !== "" && models.length > 0 && !models.some((model) => model.name === name)} onOpen={() => void loadModels(api, catalog).catch(() => undefined)} onPick={(id) => onChange({ name: id })} />
  );
}

/** A picture beside the workflow: its name, or a file from here that is handed to the server. */
export function InputWidget({ setting, value, label, invalid, onChange, onSettle }: WidgetProps) {
  const t = useT();
  const { ui } = useSession();
  const file = useRef<HTMLInputElement>(null);
  const suffixes = Array.isArray(setting.schema["x-suffixes"]) ? setting.schema["x-suffixes"].join(",") : undefined;
  const [isBusy, setBusy] = useState(false);
  const upload = async (chosen: File | undefined): Promise<void> => {
    if (!chosen) return;
    setBusy(true);
    try {
      onChange(await uploadInput(chosen));
    } catch (error) {
      ui.toast({ kind: "error", text: t("widgets.uploadFailed", { reason: error instanceof Error ? error.message : "" }) });
    }
    setBusy(false);
  };
  const picked = ({ target }: ChangeEvent<HTMLInputElement>): void => {
    void upload(target.files?.[0]);
    // The same file can be chosen again, after it was changed.
    target.value = "";
  };
  return (
    <span
      className={styles.file}
      onPaste={(event) => {
        const picture = pictureIn(event.clipboardData);
        if (!picture) return;
        event.preventDefault();
        event.stopPropagation();
        void upload(picture);
      }}
    >
      <input className={`${styles.field} nodrag nopan`} aria-label={label} aria-invalid={invalid || undefined} title={fileName(value)} value={fileName(value)} placeholder={t("widgets.noFile")} onChange={(event) => onChange(event.target.value, `file ${label}`)} onBlur={onSettle} onKeyDown={(event) => !event.ctrlKey && !event.metaKey && event.stopPropagation()} />
      <input ref={file} type="file" hidden accept={suffixes} aria-label={t("widgets.upload")} onChange={picked} />
      <IconButton small className="nodrag" icon="upload" label={t("widgets.upload")} disabled={isBusy} aria-busy={isBusy} onClick={() => file.current?.click()} />
    </span>
  );
}

function sizeOf(bytes: number): string {
  const units = ["B", "KB", "MB", "GB"];
  const power = Math.min(Math.floor(Math.log10(Math.max(bytes, 1)) / 3), units.length - 1);
  return `${(bytes / 1000 ** power).toFixed(power > 1 ? 1 : 0)} ${units[power]}`;
}
