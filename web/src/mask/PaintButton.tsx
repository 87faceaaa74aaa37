import { useStore } from "zustand";
import { useT } from "../i18n/t";
import { useDocument, useSession } from "../session";
import { Button } from "../ui/Button";
import styles from "./PaintButton.module.css";
import { findTask, maskInput, pictureInput } from "./find";

/** On nodes that load a mask, or the picture a mask belongs to. */
export function PaintButton({ nodeId }: { nodeId: string }) {
  const t = useT();
  const { desk, catalog, tabs } = useSession();
  const specs = useStore(catalog, (state) => state.specs);
  const specOf = (type: string) => specs[type];
  const type = useDocument(({ file }) => file.nodes[nodeId]?.type);
  // Wires decide whether a picture has a mask: looked up for the few nodes that load files only.
  const canPaint = useDocument(({ file }) => {
    const loads = type !== undefined && (maskInput(file, nodeId, specOf) ?? pictureInput(file, nodeId, specOf)) !== undefined;
    return loads && findTask(file, nodeId, specOf) !== undefined;
  });
  if (!canPaint) return null;
  const paint = (): void => desk.mask.setState({ task: findTask(tabs.current().document.getState().file, nodeId, specOf) });
  return (
    <div className={styles.place}>
      <Button small icon="brush" className="nodrag" onClick={paint}>
        {t("mask.paint")}
      </Button>
    </div>
  );
}
