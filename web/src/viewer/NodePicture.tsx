import { useStore } from "zustand";
import { addressOf, pictureInput, maskInput } from "../mask/find";
import { useT } from "../i18n/t";
import { useStep } from "../run/useStep";
import { useDocument, useSession } from "../session";
import styles from "./NodePicture.module.css";

/** On a node: what it is making, has made, or reads. */
export function NodePicture({ nodeId }: { nodeId: string }) {
  const t = useT();
  const { desk, run, catalog } = useSession();
  const { previewUrl, status } = useStep(nodeId);
  const specs = useStore(catalog, (state) => state.specs);
  const read = useDocument(({ file }) => {
    const specOf = (type: string) => specs[type];
    const input = pictureInput(file, nodeId, specOf) ?? maskInput(file, nodeId, specOf);
    return input === undefined ? undefined : addressOf(file.nodes[nodeId]?.inputs?.[input]);
  });
  const shown = previewUrl ?? read;
  if (!shown) return null;
  const name = decodeURIComponent(shown.startsWith("blob:") ? nodeId : shown.slice(shown.lastIndexOf("/") + 1));
  const open = (): void => {
    const { runs, current } = run.getState();
    const artifacts = (current !== undefined && runs[current]?.artifacts) || [];
    const made = artifacts.find(({ href }) => href === shown);
    desk.viewer.show([made ? { ...made, run: current } : { name, href: shown }], 0);
  };
  return (
    <div className={styles.place}>
      <button type="button" className={`${styles.picture} nodrag`} data-live={status === "running" || undefined} aria-label={t("gallery.open", { name })} onClick={open}>
        <img key={read === shown ? shown : "made"} src={shown} alt="" draggable={false} decoding="async" onError={({ currentTarget }) => (currentTarget.hidden = true)} onLoad={({ currentTarget }) => (currentTarget.hidden = false)} />
      </button>
    </div>
  );
}
