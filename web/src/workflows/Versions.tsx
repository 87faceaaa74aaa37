import { useEffect, useState } from "react";
import { useStore } from "zustand";
import { type Schemas } from "../api/client";
import { useT } from "../i18n/t";
import { useSession } from "../session";
import { Button } from "../ui/Button";
import { Dialog } from "../ui/Dialog";
import styles from "./Questions.module.css";
import { useFiles } from "./useFiles";

/** What a workflow was before it was replaced; each can be opened as a copy, or brought back. */
export function Versions({ name, onClose }: { name: string; onClose(): void }) {
  const t = useT();
  const { api, settings } = useSession();
  const files = useFiles();
  const language = useStore(settings, (state) => state.language);
  const [versions, setVersions] = useState<Schemas["Version"][]>();
  useEffect(() => {
    api.GET("/api/v1/versions/{name}", { params: { path: { name } } }).then(
      ({ data }) => setVersions(data?.versions ?? []),
      () => setVersions([]),
    );
  }, [api, name]);

  const when = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeStyle: "medium" });
  const size = new Intl.NumberFormat(language, { style: "unit", unit: "kilobyte", maximumFractionDigits: 1 });
  return (
    <Dialog title={t("files.versionsOf", { name })} closeLabel={t("files.close")} onClose={onClose} width={480}>
      {versions?.length === 0 && <p className={styles.text}>{t("files.noVersions")}</p>}
      <ul className={styles.list}>
        {(versions ?? []).map(({ number, replaced, bytes }) => (
          <li key={number} className={styles.row}>
            <span className={styles.when}>
              {when.format((replaced ?? 0) * 1000)}
              <small>{size.format(bytes / 1000)}</small>
            </span>
            <Button
              small
              look="quiet"
              onClick={() => {
                onClose();
                void files.openVersion(name, number);
              }}
            >
              {t("files.openVersion")}
            </Button>
            <Button
              small
              onClick={() => {
                onClose();
                void files.restoreVersion(name, number, when.format((replaced ?? 0) * 1000));
              }}
            >
              {t("files.restoreVersion")}
            </Button>
          </li>
        ))}
      </ul>
    </Dialog>
  );
}
