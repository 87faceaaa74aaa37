import { type KeyboardEvent, useEffect, useRef } from "react";
import { Icon, type IconName } from "./Icon";
import styles from "./Menu.module.css";
import { Popover, type PopoverProps } from "./Popover";

export interface MenuItem {
  id: string;
  label: string;
  keys?: string;
  icon?: IconName;
  checked?: boolean;
  disabled?: boolean;
  danger?: boolean;
  onPick(): void;
}

export interface MenuProps extends Pick<PopoverProps, "anchor" | "onClose"> {
  label: string;
  /** Sections, with a line between them. */
  sections: readonly (readonly MenuItem[])[];
}

/** A menu of commands: arrows walk it, a letter jumps, Enter takes. */
export function Menu({ anchor, label, sections, onClose }: MenuProps) {
  const list = useRef<HTMLDivElement>(null);
  useEffect(() => list.current?.querySelector<HTMLElement>("[role^=menuitem]:not(:disabled)")?.focus(), []);

  const onKeyDown = (event: KeyboardEvent): void => {
    const items = [...(list.current?.querySelectorAll<HTMLElement>("[role^=menuitem]:not(:disabled)") ?? [])];
    const at = items.findIndex((item) => item === document.activeElement);
    event.stopPropagation();
    if (event.key === "ArrowDown") items[(at + 1) % items.length]?.focus();
    else if (event.key === "ArrowUp") items[(at - 1 + items.length) % items.length]?.focus();
    else if (event.key === "Home") items[0]?.focus();
    else if (event.key === "End") items.at(-1)?.focus();
    else if (event.key === "Tab") onClose();
    else return;
    event.preventDefault();
  };

  return (
    <Popover anchor={anchor} label={label} onClose={onClose}>
      <div ref={list} role="menu" tabIndex={-1} aria-label={label} className={styles.menu} onKeyDown={onKeyDown}>
        {sections
          .filter((section) => section.length > 0)
          .map((section, at) => (
            <div key={section[0]?.id} role="group" className={at > 0 ? styles.section : undefined}>
              {section.map((item) => (
                <MenuRow key={item.id} item={item} onClose={onClose} />
              ))}
            </div>
          ))}
      </div>
    </Popover>
  );
}

function MenuRow({ item, onClose }: { item: MenuItem; onClose(): void }) {
  const pick = (): void => {
    onClose();
    item.onPick();
  };
  return (
    <button type="button" role={item.checked === undefined ? "menuitem" : "menuitemradio"} aria-checked={item.checked} disabled={item.disabled} className={styles.item} data-danger={item.danger || undefined} onClick={pick}>
      <span className={styles.icon}>{item.checked ? <Icon name="check" size={14} /> : item.icon && <Icon name={item.icon} size={14} />}</span>
      <span className={styles.label}>{item.label}</span>
      {item.keys && <kbd className={styles.keys}>{item.keys}</kbd>}
    </button>
  );
}
