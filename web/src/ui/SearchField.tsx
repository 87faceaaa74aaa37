import { Icon } from "./Icon";
import styles from "./SearchField.module.css";

interface SearchFieldProps {
  label: string;
  value: string;
  onChange(value: string): void;
}

/** Narrows a list down as one types. */
export function SearchField({ label, value, onChange }: SearchFieldProps) {
  return (
    <label className={styles.search}>
      <Icon name="search" size={14} />
      <span className="visually-hidden">{label}</span>
      <input type="search" placeholder={label} value={value} spellCheck={false} autoComplete="off" onChange={(event) => onChange(event.target.value)} />
    </label>
  );
}
