import { Panel } from "@xyflow/react";
import { useStore } from "zustand";
import { perform } from "../actions/perform";
import { useT } from "../i18n/t";
import { useSession } from "../session";
import { IconButton } from "../ui/Button";
import styles from "./Canvas.module.css";

/** The view's own buttons, in the corner of the graph. */
export function CanvasBar() {
  const t = useT();
  const session = useSession();
  const zoom = useStore(session.canvas, (state) => state.zoom);
  const minimap = useStore(session.canvas, (state) => state.minimap);
  return (
    <Panel position="bottom-left" className={styles.bar}>
      <IconButton small icon="minus" label={t("action.zoomOut")} onClick={() => perform(session, "zoomOut")} />
      <button type="button" className={styles.zoom} title={t("action.zoomReset")} onClick={() => perform(session, "zoomReset")}>
        {Math.round(zoom * 100)}%
      </button>
      <IconButton small icon="plus" label={t("action.zoomIn")} onClick={() => perform(session, "zoomIn")} />
      <IconButton small icon="fit" label={t("action.fit")} onClick={() => perform(session, "fit")} />
      <IconButton small icon="layout" label={t("action.layout")} onClick={() => perform(session, "layout")} />
      <IconButton small icon="map" label={t("action.minimap")} aria-pressed={minimap} onClick={() => perform(session, "minimap")} />
    </Panel>
  );
}
