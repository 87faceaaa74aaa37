import { usePictures } from "../gallery/usePictures";
import { useT } from "../i18n/t";
import { type RunSummary } from "../run/store";
import { useSession } from "../session";
import { IconButton } from "../ui/Button";
import styles from "./Queue.module.css";
import { prioritiesAt } from "./order";
import { useQueue, useRunName } from "./useQueue";
import { type Reorder, useReorder } from "./useReorder";

/** Runs that wait, in the order they are taken; dragged or moved by keys into another. */
export function WaitingList({ waiting }: { waiting: readonly RunSummary[] }) {
  const t = useT();
  const { ui } = useSession();
  const queue = useQueue();
  const nameOf = useRunName();
  const move = (from: number, to: number): void => {
    const run = waiting[from];
    if (!run) return;
    void queue.move(prioritiesAt(waiting, run.id, to));
    ui.say(t("queue.moved", { name: nameOf(run), at: to + 1, count: waiting.length }));
  };
  const { held, handle } = useReorder(waiting.length, move);
  return (
    <ol className={styles.list}>
      {waiting.map((run, at) => (
        <Waiting key={run.id} run={run} at={at} held={held} handle={handle(at)} onFirst={() => move(at, 0)} />
      ))}
    </ol>
  );
}

interface WaitingProps {
  run: RunSummary;
  at: number;
  held: Reorder["held"];
  handle: ReturnType<Reorder["handle"]>;
  onFirst(): void;
}

function Waiting({ run, at, held, handle, onFirst }: WaitingProps) {
  const t = useT();
  const queue = useQueue();
  const pictures = usePictures();
  const nameOf = useRunName();
  const name = `${nameOf(run)} #${run.id}`;
  const goesBefore = held?.to === at && held.from > at;
  const goesAfter = held?.to === at && held.from < at;
  return (
    <li className={styles.row} data-held={held?.from === at || undefined} data-mark={goesBefore ? "before" : goesAfter ? "after" : undefined}>
      <IconButton small icon="grip" className={styles.grip} label={t("queue.move", { name })} {...handle} />
      <button type="button" className={styles.open} aria-label={t("queue.openRun", { name })} onClick={() => void pictures.openRun(run.id)}>
        <span className={styles.name}>{nameOf(run)}</span>
        <span className={styles.facts}>#{run.id}</span>
      </button>
      <IconButton small icon="up" label={t("queue.first", { name })} disabled={at === 0} onClick={onFirst} />
      <IconButton small icon="close" label={t("queue.cancel", { name })} onClick={() => void queue.cancel(run.id)} />
    </li>
  );
}
