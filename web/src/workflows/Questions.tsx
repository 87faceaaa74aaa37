import { type FormEvent, useState } from "react";
import { useStore } from "zustand";
import { type Tab } from "../document/tabs";
import { useT } from "../i18n/t";
import { useSession } from "../session";
import { Button } from "../ui/Button";
import { Dialog } from "../ui/Dialog";
import styles from "./Questions.module.css";
import { Versions } from "./Versions";
import { type Question } from "./files";
import { isName, nameFrom, titleOf } from "./name";
import { useFiles } from "./useFiles";
import { useLibrary } from "./useLibrary";

/** Asks what saving and closing cannot decide by themselves. */
export function FileQuestions() {
  const { desk, tabs } = useSession();
  const question = useStore(desk.files.store, (state) => state.question);
  const open = useStore(tabs, (state) => state.tabs);
  if (!question) return null;
  if (question.kind === "versions") return <Versions name={question.name} onClose={() => desk.files.ask(undefined)} />;
  const tab = open.find(({ id }) => id === question.tab);
  if (!tab) return null;
  switch (question.kind) {
    case "name":
      return <NameQuestion tab={tab} />;
    case "conflict":
      return <ConflictQuestion question={question} />;
    case "close":
      return <CloseQuestion tab={tab} />;
  }
}

function NameQuestion({ tab }: { tab: Tab }) {
  const t = useT();
  const { desk } = useSession();
  const files = useFiles();
  const { entries } = useLibrary();
  const [name, setName] = useState(() => tab.name ?? nameFrom(titleOf(tab, tab.document.getState().file, "workflow")));
  const isTaken = name !== tab.name && (entries ?? []).some((entry) => entry.name === name);
  const close = (): void => desk.files.ask(undefined);
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    if (!isName(name)) return;
    close();
    void files.saveAs(tab.id, name);
  };
  const hint = !isName(name) ? t("files.nameBad") : isTaken ? t("files.nameTaken") : t("files.nameHelp");
  return (
    <Dialog title={t("files.saveAs")} closeLabel={t("files.close")} onClose={close} width={420}>
      <form className={styles.form} onSubmit={submit}>
        <label className={styles.label}>
          <span>{t("files.name")}</span>
          {/* oxlint-disable-next-line jsx-a11y/no-autofocus -- the dialog is for this field */}
          <input autoFocus className={styles.field} value={name} aria-describedby="name-hint" aria-invalid={!isName(name)} onChange={({ target }) => setName(target.value)} />
        </label>
        <p id="name-hint" className={styles.hint} data-warn={!isName(name) || isTaken || undefined}>
          {hint}
        </p>
        <div className={styles.buttons}>
          <Button onClick={close}>{t("files.cancel")}</Button>
          <Button look="primary" type="submit" disabled={!isName(name)}>
            {t("files.save")}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}

function ConflictQuestion({ question }: { question: Extract<Question, { kind: "conflict" }> }) {
  const t = useT();
  const { desk } = useSession();
  const { entries } = useLibrary();
  const isTaken = (name: string): boolean => (entries ?? []).some((entry) => entry.name === name);
  const choices = [
    { id: "both", look: "primary", take: () => void desk.files.keepBoth(isTaken) },
    { id: "mine", look: "plain", take: () => void desk.files.keepMine() },
    { id: "theirs", look: "plain", take: () => desk.files.keepTheirs(t("files.theirs")) },
  ] as const;
  return (
    <Dialog title={t("files.conflict", { name: question.name })} closeLabel={t("files.close")} onClose={() => desk.files.ask(undefined)} width={480}>
      <p className={styles.text}>{t(question.theirs ? "files.conflictHelp" : "files.deletedHelp")}</p>
      <div className={styles.choices}>
        {choices
          .filter(({ id }) => question.theirs !== undefined || id === "mine")
          .map(({ id, look, take }) => (
            <div key={id} className={styles.choice}>
              <Button look={look} onClick={take} aria-describedby={`choice-${id}`}>
                {t(`files.${id}`)}
              </Button>
              <span id={`choice-${id}`} className={styles.hint}>
                {t(`files.${id}Help`)}
              </span>
            </div>
          ))}
      </div>
    </Dialog>
  );
}

function CloseQuestion({ tab }: { tab: Tab }) {
  const t = useT();
  const { desk } = useSession();
  const files = useFiles();
  const name = titleOf(tab, tab.document.getState().file, t("files.untitled"));
  const hasName = tab.name !== undefined;
  const saveAndClose = async (): Promise<void> => {
    if (await files.save(tab.id)) desk.files.close(tab.id);
  };
  return (
    <Dialog title={t("files.closing", { name })} closeLabel={t("files.close")} onClose={() => desk.files.ask(undefined)} width={440}>
      <p className={styles.text}>{t("files.closingHelp")}</p>
      <div className={styles.buttons}>
        <Button onClick={() => desk.files.close(tab.id)}>{t("files.dontSave")}</Button>
        <Button look="primary" onClick={() => (hasName ? void saveAndClose() : desk.files.ask({ kind: "name", tab: tab.id }))}>
          {t(hasName ? "files.save" : "files.saveAs")}
        </Button>
      </div>
    </Dialog>
  );
}
