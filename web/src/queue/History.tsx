import { useState } from "react";
import { useStore } from "zustand";
import { dragged, startDrag } from "../gallery/drag";
import { asPicture, isShown } from "../gallery/pictures";
import { usePictures } from "../gallery/usePictures";
import { useT } from "../i18n/t";
import { type RunSummary } from "../run/store";
import { useSession } from "../session";
import { Button } from "../ui/Button";
import { Icon } from "../ui/Icon";
import styles from "./Queue.module.css";
import { duration } from "./duration";
import { endedRuns } from "./order";
import { useRunName } from "./useQueue";

const FIRST_SHOWN = 40;

/** Runs that have ended; a press opens what was handed in, seeds as they were. */
export function History() {
  const t = useT();
  const { run, desk } = useSession();
  const runs = useStore(run, (state) => state.runs);
  const order = useStore(run, (state) => state.order);
  const [count, setCount] = useState(FIRST_SHOWN);
  const [hasOlder, setOlder] = useState(true);
  const ended = endedRuns({ runs, order });

  const more = async (): Promise<void> => {
    if (count >= ended.length) setOlder(await desk.live.older());
    setCount(count + FIRST_SHOWN);
  };
  return (
    <section aria-label={t("queue.history")}>
      <h3 className={styles.heading}>{t("queue.history")}</h3>
      {ended.length === 0 && <p className={styles.empty}>{t("queue.noHistory")}</p>}
      <ul className={styles.list}>
        {ended.slice(0, count).map((one) => (
          <Ended key={one.id} run={one} />
        ))}
      </ul>
      {ended.length > 0 && (hasOlder || count < ended.length) && (
        <Button small look="quiet" onClick={() => void more()}>
          {t("queue.older")}
        </Button>
      )}
    </section>
  );
}

function Ended({ run }: { run: RunSummary }) {
  const t = useT();
  const { desk } = useSession();
  const pictures = usePictures();
  const nameOf = useRunName();
  const name = nameOf(run);
  const shown = run.artifacts.filter(isShown);
  const [picture] = shown;
  const seconds = run.started !== undefined && run.finished !== undefined ? run.finished - run.started : undefined;
  return (
    <li className={styles.ended} data-state={run.state}>
      {picture ? (
        <button
          type="button"
          className={styles.thumb}
          aria-label={t("gallery.open", { name: picture.name })}
          draggable
          onDragStart={({ dataTransfer }) => startDrag(dataTransfer, dragged(picture, run.id))}
          onClick={() => desk.viewer.show(shown.map((artifact) => asPicture({ run, artifact })), 0)}
        >
          <img src={picture.href} alt="" loading="lazy" decoding="async" draggable={false} />
          {shown.length > 1 && <span className={styles.count}>{shown.length}</span>}
        </button>
      ) : (
        <span className={styles.thumb}>
          <Icon name={run.state === "done" ? "check" : run.state === "cancelled" ? "stop" : "warning"} />
        </span>
      )}
      <button type="button" className={styles.open} aria-label={t("queue.openRun", { name: `${name} #${run.id}` })} onClick={() => void pictures.openRun(run.id)}>
        <span className={styles.name}>{name}</span>
        <span className={styles.facts}>
          <span className={styles.state}>{t(`queue.state.${run.state}`)}</span>
          {seconds !== undefined && ` · ${duration(seconds)}`}
          {` · #${run.id}`}
        </span>
        {run.message && <span className={styles.message}>{run.message}</span>}
      </button>
    </li>
  );
}
