import { useEffect } from "react";
import { useStore } from "zustand";
import { useShortcuts } from "../actions/use-shortcuts";
import { Canvas } from "../canvas/Canvas";
import { useT } from "../i18n/t";
import { NodePalette } from "../palette/NodePalette";
import { useSession } from "../session";
import { Button, IconButton } from "../ui/Button";
import styles from "./App.module.css";
import { Dialogs } from "./Dialogs";
import { Header } from "./Header";
import { LiveRegion } from "./LiveRegion";
import { overlays, panels } from "./panels";
import { start } from "./start";
import { StatusLine } from "./StatusLine";
import { Toasts } from "./Toasts";
import { usePhone } from "./use-phone";

/** The page: a header, a rail of panels, the graph between two side panels, a status line. */
export function App() {
  const t = useT();
  const session = useSession();
  useEffect(() => start(session), [session]);
  useShortcuts();
  usePhone();
  return (
    <div className={styles.app}>
      <Header />
      <Rail />
      <Side side="left" />
      <main className={styles.main} aria-label={t("app.canvas")}>
        <Stage />
        <Toasts />
      </main>
      <Side side="right" />
      <StatusLine />
      <NodePalette />
      <Dialogs />
      {overlays.map((Overlay, at) => (
        <Overlay key={at} />
      ))}
      <LiveRegion />
    </div>
  );
}

/** The graph, once there is something to draw it with. */
function Stage() {
  const t = useT();
  const { catalog } = useSession();
  const status = useStore(catalog, (state) => state.status);
  const known = useStore(catalog, (state) => Object.keys(state.specs).length > 0);
  if (known) return <Canvas />;
  return (
    <div className={styles.waiting} role="status">
      <p>{status === "failed" ? t("app.unreachable") : t("app.loading")}</p>
      {status === "failed" && <Button onClick={() => location.reload()}>{t("app.retry")}</Button>}
    </div>
  );
}

function Rail() {
  const t = useT();
  const { ui } = useSession();
  const left = useStore(ui, (state) => state.left);
  const right = useStore(ui, (state) => state.right);
  const buttons = (side: "left" | "right") =>
    panels
      .filter((panel) => panel.side === side)
      .map((panel) => (
        <IconButton key={panel.id} icon={panel.icon} label={t(panel.title)} aria-pressed={(side === "left" ? left : right) === panel.id} onClick={() => ui.toggle(side, panel.id)} />
      ));
  return (
    <nav className={styles.rail} aria-label={t("app.panels")}>
      {buttons("left")}
      <span className={styles.grow} />
      {buttons("right")}
      <IconButton icon="help" label={t("action.shortcuts")} onClick={() => ui.setState({ dialog: "shortcuts" })} />
      <IconButton icon="settings" label={t("action.settings")} onClick={() => ui.setState({ dialog: "settings" })} />
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
