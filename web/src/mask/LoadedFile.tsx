import { useState } from "react";
import { useStore } from "zustand";
import { useT } from "../i18n/t";
import { useDocument, useSession } from "../session";
import { Button } from "../ui/Button";
import styles from "./LoadedFile.module.css";
import { addressOf, findTask, maskInput, pictureInput } from "./find";

/** On nodes that load a picture or a mask: what they load, small, and the way to paint the mask that belongs to it. */
export function LoadedFile({ nodeId }: { nodeId: string }) {
  const t = useT();
  const { desk, catalog, tabs } = useSession();
  const specs = useStore(catalog, (state) => state.specs);
  const specOf = (type: string) => specs[type];
  const shown = useDocument(({ file }) => {
    const input = pictureInput(file, nodeId, specOf) ?? maskInput(file, nodeId, specOf);
    return input === undefined ? undefined : (addressOf(file.nodes[nodeId]?.inputs?.[input]) ?? "");
  });
  // Wires decide whether a picture has a mask: followed for the few nodes that load files only.
  const canPaint = useDocument(({ file }) => shown !== undefined && findTask(file, nodeId, specOf) !== undefined);
  const [missing, setMissing] = useState<string>();
  if (shown === undefined || (!canPaint && !shown)) return null;

  const name = decodeURIComponent(shown.slice(shown.lastIndexOf("/") + 1));
  const paint = (): void => desk.mask.setState({ task: findTask(tabs.current().document.getState().file, nodeId, specOf) });
  return (
    <div className={styles.place}>
      {shown && missing !== shown && (
        <button type="button" className={`${styles.picture} nodrag`} aria-label={t("gallery.open", { name })} onClick={() => desk.viewer.show([{ name, href: shown }], 0)}>
          <img src={shown} alt="" draggable={false} decoding="async" onError={() => setMissing(shown)} />
        </button>
      )}
      {canPaint && (
        <Button small icon="brush" className="nodrag" onClick={paint}>
          {t("mask.paint")}
        </Button>
      )}
    </div>
  );
}
