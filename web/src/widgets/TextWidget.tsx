import { type KeyboardEvent } from "react";
import { type WidgetProps } from "./props";
import styles from "./widgets.module.css";

/** Words over several lines; the node's height follows from the text. Goes to the document on every input. */
export function TextWidget({ setting, value, label, invalid, onChange, onSettle }: WidgetProps) {
  return (
    <textarea
      className={`${styles.field} ${styles.text} nodrag nopan nowheel`}
      aria-label={label}
      aria-invalid={invalid || undefined}
      placeholder={label}
      maxLength={typeof setting.schema["maxLength"] === "number" ? setting.schema["maxLength"] : undefined}
      value={typeof value === "string" ? value : ""}
      onChange={(event) => onChange(event.target.value, `text ${label}`)}
      onBlur={onSettle}
      onKeyDown={keepKeys}
    />
  );
}

/** One line of text. */
export function LineWidget({ setting, value, label, invalid, onChange, onSettle }: WidgetProps) {
  return (
    <input
      className={`${styles.field} nodrag nopan`}
      aria-label={label}
      aria-invalid={invalid || undefined}
      maxLength={typeof setting.schema["maxLength"] === "number" ? setting.schema["maxLength"] : undefined}
      value={typeof value === "string" ? value : value === undefined || value === null ? "" : JSON.stringify(value)}
      onChange={(event) => onChange(event.target.value, `text ${label}`)}
      onBlur={onSettle}
      onKeyDown={keepKeys}
    />
  );
}

/** Keys that mean something to text are not for the graph; those with Ctrl still are. */
export function keepKeys(event: KeyboardEvent): void {
  if (event.key === "Escape") (event.currentTarget as HTMLElement).blur();
  const meansText = ["KeyA", "KeyC", "KeyV", "KeyX", "KeyZ", "KeyY"].includes(event.code);
  if (!(event.ctrlKey || event.metaKey) || meansText) event.stopPropagation();
}
