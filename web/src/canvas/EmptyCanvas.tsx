import { useT } from "../i18n/t";
import { useSession } from "../session";
import { Button } from "../ui/Button";
import styles from "./Canvas.module.css";

/** What to do with a graph without nodes. */
export function EmptyCanvas() {
  const t = useT();
  const { ui } = useSession();
  return (
    <div className={styles.empty}>
      <h2>{t("canvas.empty")}</h2>
      <p>{t("canvas.empty.how")}</p>
      <div className={styles.emptyActions}>
        <Button look="primary" icon="plus" onClick={() => ui.setState({ palette: {} })}>
          {t("action.palette")}
        </Button>
        <Button icon="library" onClick={() => ui.setState({ dialog: "templates" })}>
          {t("action.templates")}
        </Button>
      </div>
    </div>
  );
}
