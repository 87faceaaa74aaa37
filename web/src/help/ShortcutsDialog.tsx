import { useMemo, useState } from "react";
import { isMac } from "../actions/keys";
import { ACTIONS } from "../actions/table";
import { useT } from "../i18n/t";
import { useSession } from "../session";
import { Dialog } from "../ui/Dialog";
import { SearchField } from "../ui/SearchField";
import styles from "./ShortcutsDialog.module.css";
import { type ShortcutGroup, findShortcuts, shortcutGroups } from "./shortcut-list";

/** All shortcuts, to read and to search. */
export function ShortcutsDialog() {
  const t = useT();
  const { ui } = useSession();
  return (
    <Dialog title={t("help.shortcuts")} closeLabel={t("app.close")} width={760} onClose={() => ui.setState({ dialog: undefined })}>
      <Shortcuts />
    </Dialog>
  );
}

function Shortcuts() {
  const t = useT();
  const [query, setQuery] = useState("");
  const groups = useMemo(() => shortcutGroups(ACTIONS, t, isMac()), [t]);
  const found = findShortcuts(groups, query);
  return (
    <div className={styles.help}>
      <SearchField label={t("help.search")} value={query} onChange={setQuery} />
      {found.length === 0 && <p className={styles.nothing}>{t("help.nothing")}</p>}
      <div className={styles.groups} aria-live="polite">
        {found.map((group) => (
          <Group key={group.id} group={group} />
        ))}
      </div>
    </div>
  );
}

function Group({ group }: { group: ShortcutGroup }) {
  return (
    <section className={styles.group} aria-label={group.title}>
      <h3 className={styles.heading}>{group.title}</h3>
      <dl>
        {group.shortcuts.map(({ id, title, chords }) => (
          <div key={id} className={styles.shortcut}>
            <dt>{title}</dt>
            <dd className={styles.chords}>
              {chords.map((chord) => (
                <kbd key={chord} className={group.id === "hands" ? styles.how : styles.key}>
                  {chord}
                </kbd>
              ))}
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}
