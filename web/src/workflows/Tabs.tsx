import { type KeyboardEvent, useEffect, useRef, useState } from "react";
import { useStore } from "zustand";
import { type Tab, isDirty } from "../document/tabs";
import { useT } from "../i18n/t";
import { useSession } from "../session";
import { IconButton } from "../ui/Button";
import { Icon } from "../ui/Icon";
import { FileMenu } from "./FileMenu";
import styles from "./Tabs.module.css";
import { titleOf } from "./name";
import { useFiles } from "./useFiles";

/** The open workflows. */
export function Tabs() {
  const t = useT();
  const { tabs } = useSession();
  const files = useFiles();
  const { tabs: open, active } = useStore(tabs);
  const strip = useRef<HTMLDivElement>(null);

  const onKeyDown = (event: KeyboardEvent): void => {
    const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
    const at = open.findIndex(({ id }) => id === active);
    const next = step && open[(at + step + open.length) % open.length];
    if (!next) return;
    event.preventDefault();
    tabs.activate(next.id);
    strip.current?.querySelector<HTMLElement>(`[data-tab="${next.id}"]`)?.focus();
  };

  return (
    <div className={styles.bar}>
      <div ref={strip} role="tablist" tabIndex={-1} aria-label={t("files.tabs")} className={styles.strip} onKeyDown={onKeyDown}>
        {open.map((tab) => (
          <TabItem key={tab.id} tab={tab} isActive={tab.id === active} />
        ))}
      </div>
      <IconButton small icon="plus" label={t("files.new")} onClick={files.create} />
      <FileMenu />
    </div>
  );
}

function TabItem({ tab, isActive }: { tab: Tab; isActive: boolean }) {
  const t = useT();
  const { tabs, desk } = useSession();
  const files = useFiles();
  const { file, revision } = useStore(tab.document);
  const elsewhere = useStore(desk.files.store, (state) => state.elsewhere[tab.id]);
  const [isNaming, setNaming] = useState(false);
  const title = titleOf(tab, file, t("files.untitled"));
  const dirty = isDirty(tab, revision) && (tab.name !== undefined || Object.keys(file.nodes).length > 0);
  const warning = elsewhere && t(elsewhere === "open" ? "files.openElsewhere" : "files.wasSavedElsewhere");

  if (isNaming) return <TabName tab={tab} title={title} onDone={() => setNaming(false)} />;
  return (
    <div className={styles.tab} data-active={isActive || undefined} data-dirty={dirty || undefined}>
      <button
        type="button"
        role="tab"
        data-tab={tab.id}
        aria-selected={isActive}
        aria-label={dirty ? `${title}, ${t("files.unsaved")}` : title}
        tabIndex={isActive ? 0 : -1}
        title={warning ?? tab.name ?? title}
        className={styles.title}
        onClick={() => tabs.activate(tab.id)}
        onDoubleClick={() => setNaming(true)}
        onAuxClick={({ button }) => button === 1 && files.close(tab.id)}
        onKeyDown={({ key }) => {
          if (key === "F2") setNaming(true);
          if (key === "Delete") files.close(tab.id);
        }}
      >
        {warning && (
          <span className={styles.warning}>
            <Icon name="warning" size={13} />
          </span>
        )}
        <span className={styles.text}>{title}</span>
      </button>
      {/* A list of tabs may hold nothing else: this is for the pointer, keys close a tab with Delete. */}
      <button type="button" className={styles.close} tabIndex={-1} aria-hidden="true" title={t("files.closeTab", { name: title })} onClick={() => files.close(tab.id)}>
        <Icon name="close" size={12} />
      </button>
    </div>
  );
}

/** In the place of the title: a saved workflow gets another name in the library, any other another title. */
function TabName({ tab, title, onDone }: { tab: Tab; title: string; onDone(): void }) {
  const t = useT();
  const files = useFiles();
  const field = useRef<HTMLInputElement>(null);
  useEffect(() => field.current?.select(), []);

  const take = (): void => {
    onDone();
    const written = field.current?.value.trim() ?? "";
    if (!written || written === title) return;
    if (tab.name !== undefined) void files.rename(tab.id, tab.name.slice(0, tab.name.lastIndexOf("/") + 1) + written);
    else tab.document.apply({ label: t("files.rename"), do: (file) => ({ ...file, meta: { ...file.meta, title: written } }) });
  };
  return (
    <input
      ref={field}
      className={styles.field}
      defaultValue={title}
      aria-label={t("files.name")}
      onBlur={take}
      onKeyDown={(event) => {
        event.stopPropagation();
        if (event.nativeEvent.isComposing) return;
        if (event.key === "Enter") take();
        if (event.key === "Escape") onDone();
      }}
    />
  );
}
