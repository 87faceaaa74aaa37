import { type KeyboardEvent, type ReactNode, useEffect, useId, useRef, useState } from "react";
import { Icon } from "./Icon";
import styles from "./Picker.module.css";

export interface PickerItem {
  id: string;
  label: string;
  /** Beside the label, in small. */
  hint?: string;
  /** Below the label. */
  detail?: string;
  /** Above the first item that has it. */
  group?: string;
  mark?: ReactNode;
}

export interface PickerProps {
  label: string;
  placeholder: string;
  nothing: string;
  find(query: string): readonly PickerItem[];
  onPick(id: string): void;
  onCancel(): void;
  initial?: string;
  preview?(id: string): ReactNode;
}

const MOST_ROWS = 50;

/** A search field over a list: arrows choose, Enter takes, Escape leaves. Composing keys are the input method's. */
export function Picker({ label, placeholder, nothing, find, onPick, onCancel, initial, preview }: PickerProps) {
  const listId = useId();
  const [query, setQuery] = useState("");
  const items = find(query).slice(0, MOST_ROWS);
  const [chosen, setChosen] = useState(initial);
  const at = Math.max(0, items.findIndex((item) => item.id === chosen));
  const current = items[at];
  const list = useRef<HTMLDivElement>(null);

  useEffect(() => {
    list.current?.querySelector('[aria-selected="true"]')?.scrollIntoView({ block: "nearest" });
  });

  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.nativeEvent.isComposing || event.keyCode === 229) return;
    const moves: Record<string, number> = { ArrowDown: 1, ArrowUp: -1, PageDown: 8, PageUp: -8 };
    const move = moves[event.key];
    event.stopPropagation();
    if (move !== undefined) setChosen(items[(at + move + items.length * 8) % Math.max(items.length, 1)]?.id);
    else if (event.key === "Enter" && current) onPick(current.id);
    else if (event.key === "Escape" || event.key === "Tab") onCancel();
    else return;
    event.preventDefault();
  };

  return (
    <div className={styles.picker} data-preview={preview ? "" : undefined}>
      <label className={styles.search}>
        <Icon name="search" />
        <span className="visually-hidden">{label}</span>
        <input
          // The picker opens because somebody asked for it: what they type next is meant for it.
          // oxlint-disable-next-line jsx-a11y/no-autofocus
          autoFocus
          data-autofocus
          role="combobox"
          aria-expanded="true"
          aria-controls={listId}
          aria-autocomplete="list"
          aria-activedescendant={current ? `${listId}-${current.id}` : undefined}
          placeholder={placeholder}
          value={query}
          spellCheck={false}
          autoComplete="off"
          onChange={(event) => {
            setQuery(event.target.value);
            setChosen(undefined);
          }}
          onKeyDown={onKeyDown}
        />
      </label>
      <div className={styles.body}>
        <div ref={list} id={listId} role="listbox" aria-label={label} className={styles.list}>
          {items.length === 0 && <div className={styles.nothing}>{nothing}</div>}
          {items.map((item, index) => (
            <PickerRow key={item.id} id={`${listId}-${item.id}`} item={item} chosen={item === current} first={item.group !== items[index - 1]?.group} onPick={onPick} onPoint={setChosen} />
          ))}
        </div>
        {preview && current && <div className={styles.preview}>{preview(current.id)}</div>}
      </div>
    </div>
  );
}

interface RowProps {
  id: string;
  item: PickerItem;
  chosen: boolean;
  first: boolean;
  onPick(id: string): void;
  onPoint(id: string): void;
}

function PickerRow({ id, item, chosen, first, onPick, onPoint }: RowProps) {
  return (
    <>
      {first && item.group && (
        <div role="presentation" className={styles.group}>
          {item.group}
        </div>
      )}
      {/* oxlint-disable-next-line jsx-a11y/click-events-have-key-events -- the keys go to the search field */}
      <div id={id} role="option" aria-selected={chosen} className={styles.row} onClick={() => onPick(item.id)} onPointerMove={() => chosen || onPoint(item.id)}>
        {item.mark}
        <span className={styles.label}>{item.label}</span>
        {item.hint && <span className={styles.hint}>{item.hint}</span>}
        {item.detail && <span className={styles.detail}>{item.detail}</span>}
      </div>
    </>
  );
}
