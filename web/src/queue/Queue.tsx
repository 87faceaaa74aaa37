import { useStore } from "zustand";
import { useShallow } from "zustand/react/shallow";
import { useT } from "../i18n/t";
import { secondsLeft, shareDone } from "../run/eta";
import { type RunSummary, type Steps } from "../run/store";
import { useSession } from "../session";
import { Button, IconButton } from "../ui/Button";
import { History } from "./History";
import styles from "./Queue.module.css";
import { duration } from "./duration";
import { waitingRuns } from "./order";
import { useNow } from "./useNow";
import { useQueue, useRunName } from "./useQueue";
import { WaitingList } from "./WaitingList";

/** What runs, what waits, and what has been. */
export function Queue() {
  const t = useT();
  const { run } = useSession();
  const queue = useQueue();
  const runs = useStore(run, (state) => state.runs);
  const order = useStore(run, (state) => state.order);
  const paused = useStore(run, (state) => state.queue.paused);
  const waiting = waitingRuns({ runs, order });
  const running = order.flatMap((id) => runs[id] ?? []).filter(({ state }) => state === "running");

  return (
    <div className={styles.panel}>
      <div className={styles.tools}>
        <Button small icon={paused ? "play" : "stop"} aria-pressed={paused} onClick={() => void queue.hold(!paused)}>
          {t(paused ? "queue.goOn" : "queue.hold")}
        </Button>
        {waiting.length > 0 && (
          <Button small look="quiet" onClick={() => void queue.cancelAll(waiting)}>
            {t("queue.clear")}
          </Button>
        )}
      </div>
      {paused && <p className={styles.held}>{t("queue.held")}</p>}
      {running.length === 0 && waiting.length === 0 && <p className={styles.empty}>{t("queue.empty")}</p>}
      {running.length > 0 && (
        <section aria-label={t("queue.running")}>
          <h3 className={styles.heading}>{t("queue.running")}</h3>
          {running.map((one) => (
            <Running key={one.id} run={one} />
          ))}
        </section>
      )}
      {waiting.length > 0 && (
        <section aria-label={t("queue.waiting", { count: waiting.length })}>
          <h3 className={styles.heading}>{t("queue.waiting", { count: waiting.length })}</h3>
          <WaitingList waiting={waiting} />
        </section>
      )}
      <History />
    </div>
  );
}

const NO_STEPS: Steps = {};

function Running({ run }: { run: RunSummary }) {
  const t = useT();
  const { run: store } = useSession();
  const queue = useQueue();
  const nameOf = useRunName();
  const name = nameOf(run);
  const { steps, asked, forecasts } = useStore(
    store,
    useShallow((state) => ({ steps: state.stepsOf[run.id] ?? NO_STEPS, asked: state.asked[run.id], forecasts: state.forecasts[run.id] })),
  );
  const now = useNow(true);
  const total = asked?.length ?? Object.keys(steps).length;
  const share = shareDone(steps, total);
  const left = secondsLeft(steps, forecasts, now);
  const done = Object.values(steps).filter(({ status }) => status === "done" || status === "cached").length;
  const preview = Object.values(steps).findLast(({ status, previewUrl }) => status === "running" && previewUrl)?.previewUrl;
  return (
    <div className={styles.running}>
      <div className={styles.thumb}>{preview && <img src={preview} alt="" />}</div>
      <div className={styles.body}>
        <span className={styles.name}>{name}</span>
        <div role="progressbar" className={styles.track} aria-label={t("queue.progress", { name })} aria-valuemin={0} aria-valuemax={100} aria-valuenow={Math.round(share * 100)}>
          <div className={styles.bar} style={{ transform: `scaleX(${share})` }} />
        </div>
        <span className={styles.facts}>
          {t("queue.step", { done, total })}
          {left !== undefined && ` · ${t("queue.left", { time: duration(left) })}`}
          {run.attempt > 1 && ` · ${t("queue.attempt", { count: run.attempt })}`}
        </span>
      </div>
      <IconButton small icon="stop" label={t("queue.cancel", { name })} onClick={() => void queue.cancel(run.id)} />
    </div>
  );
}
