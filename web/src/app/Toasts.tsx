import { useEffect } from "react";
import { useStore } from "zustand";
import { useT } from "../i18n/t";
import { useSession } from "../session";
import { Button, IconButton } from "../ui/Button";
import { Icon } from "../ui/Icon";
import styles from "./App.module.css";
import { type Toast } from "./ui-store";

const SHOWN_MS = 5000;

/** News over the graph. Errors stay until they are closed. */
export function Toasts() {
  const { ui } = useSession();
  const toasts = useStore(ui, (state) => state.toasts);
  return (
    <div className={styles.toasts}>
      {toasts.map((toast) => (
        <ToastItem key={toast.id} toast={toast} />
      ))}
    </div>
  );
}

function ToastItem({ toast }: { toast: Toast }) {
  const t = useT();
  const { ui, canvas } = useSession();
  const { id, kind, text, node } = toast;
  useEffect(() => {
    if (kind === "error") return undefined;
    const timer = setTimeout(() => ui.dismiss(id), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [ui, id, kind]);
  return (
    <div className={styles.toast} data-kind={kind} role={kind === "error" ? "alert" : "status"}>
      <Icon name={kind === "error" ? "warning" : kind === "success" ? "check" : "info"} />
      <span className={styles.grow}>{text}</span>
      {node && (
        <Button small look="quiet" onClick={() => canvas.view?.focus(node)}>
          {t("app.show")}
        </Button>
      )}
      <IconButton small icon="close" label={t("app.close")} onClick={() => ui.dismiss(id)} />
    </div>
  );
}
