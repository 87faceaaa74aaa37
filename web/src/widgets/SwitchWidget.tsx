import { type WidgetProps } from "./props";
import styles from "./widgets.module.css";

export function SwitchWidget({ value, label, onChange }: WidgetProps) {
  return <button type="button" role="switch" aria-checked={value === true} aria-label={label} className={`${styles.switch} nodrag`} onClick={() => onChange(value !== true)} />;
}
