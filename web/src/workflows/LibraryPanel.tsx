import { useState } from "react";
import { useStore } from "zustand";
import { useT } from "../i18n/t";
import { useSession } from "../session";
import { IconButton } from "../ui/Button";
import { SearchField } from "../ui/SearchField";
import styles from "./LibraryPanel.module.css";
import { useFiles } from "./useFiles";
import { useLibrary } from "./useLibrary";

/** The workflows the server keeps: search, open, look at earlier versions. */
export function LibraryPanel() {
  const t = useT();
  const { desk, tabs, settings } = useSession();
  const files = useFiles();
  const { entries, error } = useLibrary();
  const [wanted, setWanted] = useState("");
  const language = useStore(settings, (state) => state.language);
  const front = useStore(tabs, (state) => state.tabs.find(({ id }) => id === state.active)?.name);
  const when = new Intl.DateTimeFormat(language, { dateStyle: "medium" });
  const shown = (entries ?? []).filter(({ name }) => name.toLowerCase().includes(wanted.trim().toLowerCase()));
  const note = error ? t("files.failed", { reason: error }) : !entries ? t("files.loading") : entries.length === 0 ? t("files.empty") : shown.length === 0 ? t("files.noMatch") : undefined;
  return (
    <div className={styles.panel}>
      <SearchField label={t("files.search")} value={wanted} onChange={setWanted} />
      {note && <p className={styles.note}>{note}</p>}
      <ul className={styles.list}>
        {shown.map(({ name, modified }) => (
          <li key={name} className={styles.row} data-current={name === front || undefined}>
            <button type="button" className={styles.open} onClick={() => void files.open(name)}>
              <span className={styles.name}>{name}</span>
              <span className={styles.date}>{when.format((modified ?? 0) * 1000)}</span>
            </button>
            <IconButton small icon="history" label={`${t("files.versions")} ${name}`} onClick={() => desk.files.ask({ kind: "versions", name })} />
          </li>
        ))}
      </ul>
    </div>
  );
}
