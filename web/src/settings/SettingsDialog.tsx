import { type ReactNode, useId } from "react";
import { useStore } from "zustand";
import { type TextKey, useT } from "../i18n/t";
import { useSession } from "../session";
import { Dialog } from "../ui/Dialog";
import styles from "./SettingsDialog.module.css";
import { CHOICES, type Settings } from "./store";

/** Each language in its own words: it is found by those who read no other. */
const LANGUAGES: Record<Settings["language"], string> = { en: "English", ko: "한국어", zh: "中文" };

/** How the page looks and works; every choice takes effect at once. */
export function SettingsDialog() {
  const t = useT();
  const { ui } = useSession();
  return (
    <Dialog title={t("settings.title")} closeLabel={t("app.close")} width={520} onClose={() => ui.setState({ dialog: undefined })}>
      <div className={styles.settings}>
        <Section title={t("settings.look")}>
          <Choice name="theme" text={(choice) => t(`settings.theme.${choice}`)} />
          <Choice name="language" text={(choice) => LANGUAGES[choice]} />
          <Choice name="density" text={(choice) => t(`settings.density.${choice}`)} />
          <Choice name="motion" text={(choice) => t(`settings.motion.${choice}`)} />
        </Section>
        <Section title={t("settings.work")}>
          <Switch name="snap" />
          <Switch name="autosave" />
        </Section>
        <p className={styles.kept}>{t("settings.kept")}</p>
      </div>
    </Dialog>
  );
}

function Section({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className={styles.section} aria-label={title}>
      <h3 className={styles.heading}>{title}</h3>
      {children}
    </section>
  );
}

type ChoiceName = "theme" | "language" | "density" | "motion";

interface ChoiceProps<Name extends ChoiceName> {
  name: Name;
  text(choice: Settings[Name]): string;
}

function Choice<Name extends ChoiceName>({ name, text }: ChoiceProps<Name>) {
  const t = useT();
  const { settings } = useSession();
  const id = useId();
  const chosen = useStore(settings, (state) => state[name]);
  // Each setting's choices are listed under its own name.
  const choices = CHOICES[name] as readonly unknown[] as readonly Settings[Name][];
  return (
    <div className={styles.row} role="radiogroup" aria-labelledby={id}>
      <span id={id}>{t(`settings.${name}` satisfies TextKey)}</span>
      <div className={styles.choices}>
        {choices.map((choice) => (
          <label key={choice} className={styles.choice}>
            <input type="radio" name={id} className="visually-hidden" checked={choice === chosen} onChange={() => settings.setState({ [name]: choice })} />
            <span lang={name === "language" ? choice : undefined}>{text(choice)}</span>
          </label>
        ))}
      </div>
    </div>
  );
}

function Switch({ name }: { name: "snap" | "autosave" }) {
  const t = useT();
  const { settings } = useSession();
  const id = useId();
  const on = useStore(settings, (state) => state[name]);
  return (
    <div className={styles.row}>
      <div>
        <label htmlFor={id}>{t(`settings.${name}`)}</label>
        <p id={`${id}-hint`} className={styles.hint}>
          {t(`settings.${name}.hint`)}
        </p>
      </div>
      <input id={id} type="checkbox" role="switch" aria-checked={on} className={styles.switch} aria-describedby={`${id}-hint`} checked={on} onChange={(event) => settings.setState({ [name]: event.target.checked })} />
    </div>
  );
}
