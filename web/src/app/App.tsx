import { useStore } from "zustand";
import { useT } from "../i18n/t";
import { useSession } from "../session";
import { Button, IconButton } from "../ui/Button";
import styles from "./App.module.css";
import { headerSlots, overlays, panels } from "./panels";

/** The page: a header, a rail of panels, the graph between two side panels, a status line. */
export function App() {
  const t = useT();
  return (
    <div className={styles.app}>
      <header className={styles.header}>
        <span className={styles.brand}>{t("app.name")}</span>
        {headerSlots.map((Slot, at) => (
          <Slot key={at} />
        ))}
        <span className={styles.grow} />
        <Button look="primary" icon="play">
          {t("app.run")}
        </Button>
      </header>
      <Rail />
      <Side side="left" />
      <main className={styles.main} aria-label={t("app.canvas")} />
      <Side side="right" />
      <footer className={styles.status} aria-label={t("app.status")} />
      {overlays.map((Overlay, at) => (
        <Overlay key={at} />
      ))}
    </div>
  );
}

function Rail() {
  const t = useT();
  const { ui } = useSession();
  const open = useStore(ui, (state) => state.left);
  return (
    <nav className={styles.rail} aria-label={t("app.panels")}>
      {panels
        .filter(({ side }) => side === "left")
        .map((panel) => (
          <IconButton key={panel.id} icon={panel.icon} label={t(panel.title)} aria-pressed={open === panel.id} onClick={() => ui.toggle("left", panel.id)} />
        ))}
    </nav>
  );
}

function Side({ side }: { side: "left" | "right" }) {
  const t = useT();
  const { ui } = useSession();
  const open = useStore(ui, (state) => state[side]);
  const panel = panels.find((item) => item.side === side && item.id === open);
  if (!panel) return null;
  return (
    <aside className={styles[side]} aria-label={t(panel.title)}>
      <div className={styles.sideHead}>
        <h2>{t(panel.title)}</h2>
        <IconButton small icon="close" label={t("app.close")} onClick={() => ui.toggle(side, panel.id)} />
      </div>
      <div className={styles.sideBody}>
        <panel.Component />
      </div>
    </aside>
  );
}
