import { useMemo, useState } from "react";
import { useStore } from "zustand";
import { useT } from "../i18n/t";
import { useSession } from "../session";
import { Button, IconButton } from "../ui/Button";
import { Icon } from "../ui/Icon";
import { SearchField } from "../ui/SearchField";
import styles from "./Gallery.module.css";
import { dragged, startDrag } from "./drag";
import { type Made, asPicture, picturesOf } from "./pictures";
import { usePictures } from "./usePictures";

/** What runs have made, newest first: look at it, drag it back, compare two. */
export function Gallery() {
  const t = useT();
  const { run, desk } = useSession();
  const runs = useStore(run, (state) => state.runs);
  const order = useStore(run, (state) => state.order);
  const [wanted, setWanted] = useState("");
  const [chosen, setChosen] = useState<readonly string[]>([]);
  const [hasOlder, setOlder] = useState(true);
  const made = useMemo(() => picturesOf({ runs, order }), [runs, order]);
  const shown = made.filter((one) => matches(one, wanted.trim().toLowerCase()));
  const [first, second] = chosen.flatMap((id) => made.find(({ artifact }) => artifact.id === id) ?? []);

  const choose = (id: string): void =>
    setChosen((now) => (now.includes(id) ? now.filter((other) => other !== id) : [...now, id].slice(-2)));

  if (made.length === 0) return <p className={styles.empty}>{t("gallery.empty")}</p>;
  return (
    <div className={styles.gallery}>
      <SearchField label={t("gallery.search")} value={wanted} onChange={setWanted} />
      {chosen.length > 0 && (
        <div className={styles.bar}>
          <span>{second ? "" : t("gallery.compareHint")}</span>
          <Button small look="primary" disabled={!second} onClick={() => first && second && desk.viewer.compare(asPicture(first), asPicture(second))}>
            {t("gallery.compare")}
          </Button>
        </div>
      )}
      {shown.length === 0 && <p className={styles.empty}>{t("gallery.noMatch")}</p>}
      <ul className={styles.grid}>
        {shown.map((one, at) => (
          <Tile key={one.artifact.id} made={one} isChosen={chosen.includes(one.artifact.id)} onChoose={choose} onOpen={() => desk.viewer.show(shown.map(asPicture), at)} />
        ))}
      </ul>
      {hasOlder && (
        <Button small look="quiet" onClick={() => void desk.live.older().then(setOlder)}>
          {t("gallery.older")}
        </Button>
      )}
    </div>
  );
}

interface TileProps {
  made: Made;
  isChosen: boolean;
  onChoose(id: string): void;
  onOpen(): void;
}

function Tile({ made: { run, artifact }, isChosen, onChoose, onOpen }: TileProps) {
  const t = useT();
  const pictures = usePictures();
  const [isGone, setGone] = useState(false);
  const name = artifact.name.slice(artifact.name.lastIndexOf("/") + 1);
  return (
    <li className={styles.tile} data-chosen={isChosen || undefined}>
      <button
        type="button"
        className={styles.open}
        aria-label={t("gallery.open", { name })}
        title={isGone ? t("gallery.gone") : name}
        draggable
        onDragStart={({ dataTransfer }) => startDrag(dataTransfer, dragged(artifact, run.id))}
        onClick={onOpen}
      >
        {isGone ? <Icon name="image" size={24} /> : <img src={artifact.href} alt="" loading="lazy" decoding="async" draggable={false} onError={() => setGone(true)} />}
      </button>
      <input type="checkbox" className={styles.choose} checked={isChosen} aria-label={t("gallery.chosen", { name })} onChange={() => onChoose(artifact.id)} />
      <div className={styles.tools}>
        <IconButton small icon="layout" label={t("gallery.workflow")} onClick={() => void pictures.openWorkflow({ href: artifact.href, run: run.id })} />
        <IconButton small icon="plus" label={t("gallery.addNode")} onClick={() => void pictures.addNode(artifact)} />
      </div>
    </li>
  );
}

function matches({ run, artifact }: Made, wanted: string): boolean {
  return artifact.name.toLowerCase().includes(wanted) || run.name.toLowerCase().includes(wanted);
}
