import { type FormEvent, type ReactNode, useEffect, useState } from "react";
import { ApiProblem } from "../api/client";
import { useT } from "../i18n/t";
import { useSession } from "../session";
import { Button } from "../ui/Button";
import styles from "./Door.module.css";

type Standing = "asking" | "open" | "shut";

/** Shows what is inside once the server lets us in; one with a token asks for it first. */
export function Door({ children }: { children: ReactNode }) {
  const { api } = useSession();
  const [standing, setStanding] = useState<Standing>("asking");
  useEffect(() => {
    api.GET("/api/v1/health").then(
      () => setStanding("open"),
      // A server that does not answer at all is told about inside, where it may come back.
      (error: unknown) => setStanding(isRefusal(error) ? "shut" : "open"),
    );
  }, [api]);
  if (standing === "open") return children;
  return standing === "shut" ? <TokenForm onOpen={() => setStanding("open")} /> : null;
}

function TokenForm({ onOpen }: { onOpen: () => void }) {
  const t = useT();
  const { api } = useSession();
  const [token, setToken] = useState("");
  const [refused, setRefused] = useState("");
  const submit = (event: FormEvent): void => {
    event.preventDefault();
    api.POST("/api/v1/session", { body: { token } }).then(onOpen, (error: unknown) => setRefused(String(error instanceof Error ? error.message : error)));
  };
  return (
    <main className={styles.door}>
      <form className={styles.form} onSubmit={submit}>
        <h1>{t("door.title")}</h1>
        <p id="door-where">{t("door.where")}</p>
        <label>
          <span>{t("door.token")}</span>
          <input type="password" autoComplete="current-password" required value={token} aria-describedby="door-where door-refused" onChange={(event) => setToken(event.target.value)} />
        </label>
        <p id="door-refused" role="alert" className={styles.refused}>
          {refused}
        </p>
        <Button type="submit" look="primary">
          {t("door.open")}
        </Button>
      </form>
    </main>
  );
}

function isRefusal(error: unknown): boolean {
  return error instanceof ApiProblem && error.status === 401;
}
