import { useState } from "react";
import { useT } from "../i18n/t";
import { Icon } from "../ui/Icon";
import { Picker, type PickerItem } from "../ui/Picker";
import { Popover } from "../ui/Popover";
import { type WidgetProps } from "./props";
import styles from "./widgets.module.css";

export function ChoiceWidget(props: WidgetProps) {
  const choices = Array.isArray(props.setting.schema["enum"]) ? props.setting.schema["enum"].map(String) : [];
  return <Choices {...props} items={choices.map((choice) => ({ id: choice, label: choice }))} shown={props.value === undefined ? "" : String(props.value)} onPick={(id) => props.onChange(id)} />;
}

interface ChoicesProps extends Pick<WidgetProps, "label" | "invalid"> {
  items: readonly PickerItem[];
  shown: string;
  missing?: boolean;
  onOpen?(): void;
  onPick(id: string): void;
}

/** A field that opens a list to search in. */
export function Choices({ items, shown, label, invalid, missing, onOpen, onPick }: ChoicesProps) {
  const t = useT();
  const [anchor, setAnchor] = useState<DOMRect>();
  const close = (): void => setAnchor(undefined);
  const find = (query: string): PickerItem[] => {
    const words = query.toLowerCase().split(/\s+/).filter(Boolean);
    return items.filter((item) => words.every((word) => `${item.label} ${item.hint ?? ""}`.toLowerCase().includes(word)));
  };
  return (
    <>
      <button
        type="button"
        className={`${styles.field} ${styles.choice} nodrag nopan`}
        aria-label={`${label}: ${shown || t("widgets.none")}`}
        aria-haspopup="listbox"
        aria-expanded={anchor !== undefined}
        data-invalid={invalid || missing || undefined}
        title={shown}
        onKeyDown={(event) => event.key !== "Escape" && !event.ctrlKey && !event.metaKey && event.stopPropagation()}
        onClick={(event) => {
          onOpen?.();
          setAnchor(event.currentTarget.getBoundingClientRect());
        }}
      >
        <span className={styles.chosen}>{shown || t("widgets.none")}</span>
        <Icon name="down" size={12} />
      </button>
      {anchor && (
        <Popover anchor={anchor} label={label} width={Math.max(240, anchor.width)} onClose={close}>
          <Picker
            label={label}
            placeholder={t("widgets.search")}
            nothing={t("widgets.nothing")}
            initial={shown}
            find={find}
            onCancel={close}
            onPick={(id) => {
              close();
              onPick(id);
            }}
          />
        </Popover>
      )}
    </>
  );
}
