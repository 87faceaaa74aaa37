import { useStore } from "zustand";
import { perform } from "../actions/perform";
import { useT } from "../i18n/t";
import { PlanLine, PlanToggle } from "../plan/PlanLine";
import { usePlanPeek } from "../plan/hooks";
import { useDocument, useSession } from "../session";
import { Button, IconButton } from "../ui/Button";
import styles from "./App.module.css";
import { headerSlots } from "./panels";

/** The name, the open workflows, undo, and Run. */
export function Header() {
  const t = useT();
  const session = useSession();
  const undoLabel = useDocument((state) => state.undoLabel);
  const redoLabel = useDocument((state) => state.redoLabel);
  return (
    <header className={styles.header}>
      <span className={styles.brand}>
        <img src="/icon.svg" width={24} height={24} alt="" />
        {t("app.name")}
      </span>
      {headerSlots.map((Slot, at) => (
        <Slot key={at} />
      ))}
      <span className={styles.grow} />
      <PlanLine />
      <IconButton icon="undo" label={labelled(t("action.undo"), undoLabel)} disabled={undoLabel === undefined} onClick={() => perform(session, "undo")} />
      <IconButton icon="redo" label={labelled(t("action.redo"), redoLabel)} disabled={redoLabel === undefined} onClick={() => perform(session, "redo")} />
      <IconButton icon="search" label={t("action.commands")} onClick={() => perform(session, "commands")} />
      <PlanToggle />
      <RunButton />
    </header>
  );
}

function RunButton() {
  const t = useT();
  const session = useSession();
  const peek = usePlanPeek();
  const going = useStore(session.run, (state) => Object.values(state.runs).some((run) => run.state === "running" || run.state === "queued"));
  const run = (): void => {
    // From now on it is what happens that counts, not what would.
    session.plan.show(false);
    perform(session, "run");
  };
  return (
    <>
      {going && (
        <Button icon="stop" look="danger" onClick={() => perform(session, "cancel")}>
          {t("app.cancel")}
        </Button>
      )}
      <Button look="primary" icon="play" className={styles.run} {...peek} onClick={run}>
        {t("app.run")}
      </Button>
    </>
  );
}

function labelled(action: string, step: string | undefined): string {
  return step === undefined ? action : `${action}: ${step}`;
}
