import { useT } from "../i18n/t";
import { useStep } from "../run/useStep";
import { useSession } from "../session";
import styles from "./NodePicture.module.css";

/** On a node: what it is making, or has made. */
export function NodePicture({ nodeId }: { nodeId: string }) {
  const t = useT();
  const { desk, run } = useSession();
  const { previewUrl, status } = useStep(nodeId);
  if (!previewUrl) return null;
  const { runs, current } = run.getState();
  const made = current === undefined ? undefined : runs[current]?.artifacts.find(({ href }) => href === previewUrl);
  const name = made?.name ?? nodeId;
  return (
    <div className={styles.place}>
      <button
        type="button"
        className={`${styles.picture} nodrag`}
        data-live={status === "running" || undefined}
        aria-label={t("gallery.open", { name })}
        onClick={() => desk.viewer.show([made ? { ...made, run: current } : { name, href: previewUrl }], 0)}
      >
        <img src={previewUrl} alt="" draggable={false} decoding="async" onError={({ currentTarget }) => (currentTarget.hidden = true)} onLoad={({ currentTarget }) => (currentTarget.hidden = false)} />
      </button>
    </div>
  );
}
