import { chordText, isMac } from "../actions/keys";
import { ACTION_IDS, actionOf } from "../actions/table";
import { useT } from "../i18n/t";
import { useSession } from "../session";
import { Dialog } from "../ui/Dialog";
import styles from "./Palette.module.css";

const SECTIONS = ["run", "edit", "arrange", "view", "file", "help"] as const;

/** All shortcuts, from the table of actions. */
export function ShortcutsDialog() {
  const t = useT();
  const { ui } = useSession();
  return (
    <Dialog title={t("action.shortcuts")} closeLabel={t("app.close")} width={720} onClose={() => ui.setState({ dialog: undefined })}>
      <div className={styles.shortcuts}>
        {SECTIONS.map((section) => {
          const ids = ACTION_IDS.filter((id) => actionOf(id).section === section && actionOf(id).keys);
          if (ids.length === 0) return null;
          return (
            <section key={section}>
              <h3>{t(`action.section.${section}`)}</h3>
              <dl>
                {ids.map((id) => (
                  <div key={id}>
                    <dt>{t(actionOf(id).title)}</dt>
                    <dd>
                      {actionOf(id).keys?.map((chord) => (
                        <kbd key={chord}>{chordText(chord, isMac())}</kbd>
                      ))}
                    </dd>
                  </div>
                ))}
              </dl>
            </section>
          );
        })}
      </div>
    </Dialog>
  );
}
