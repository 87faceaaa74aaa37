import { useState } from "react";
import { type Json } from "../document/model";
import { keepKeys } from "./TextWidget";
import { type WidgetProps } from "./props";
import styles from "./widgets.module.css";

/** A value of a kind we have no widget for, as the text it is in the file. */
export function JsonWidget({ value, label, invalid, onChange, onSettle }: WidgetProps) {
  const [draft, setDraft] = useState<string>();
  const commit = (text: string): void => {
    setDraft(undefined);
    try {
      onChange(JSON.parse(text) as Json);
    } catch {
      onChange(text); // not JSON: then the text itself, and the check says what it thinks of it
    }
    onSettle();
  };
  return (
    <input className={`${styles.field} ${styles.mono} nodrag nopan`} aria-label={label} aria-invalid={invalid || undefined} value={draft ?? (value === undefined ? "" : JSON.stringify(value))} onChange={(event) => setDraft(event.target.value)} onBlur={(event) => draft !== undefined && commit(event.target.value)} onKeyDown={keepKeys} />
  );
}
