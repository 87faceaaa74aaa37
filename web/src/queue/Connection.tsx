import { useEffect, useRef } from "react";
import { useStore } from "zustand";
import { useT } from "../i18n/t";
import { useSession } from "../session";
import { Button } from "../ui/Button";
import styles from "./Connection.module.css";

/** Says that the server is away, for as long as it is. */
export function Connection() {
  const t = useT();
  const { run, desk, ui } = useSession();
  const connection = useStore(run, (state) => state.connection);
  const before = useRef(connection);
  useEffect(() => {
    if (before.current === "lost" && connection === "live") ui.say(t("queue.back"));
    before.current = connection;
  }, [connection, ui, t]);

  if (connection !== "lost") return null;
  return (
    <div role="status" className={styles.banner}>
      <span className={styles.dot} />
      <span>
        <strong>{t("queue.lost")}</strong> {t("queue.lostHelp")}
      </span>
      <Button small onClick={desk.live.retry}>
        {t("queue.retry")}
      </Button>
    </div>
  );
}
