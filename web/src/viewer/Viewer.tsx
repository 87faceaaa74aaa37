import { type KeyboardEvent, useState } from "react";
import { useStore } from "zustand";
import { usePictures } from "../gallery/usePictures";
import { useT } from "../i18n/t";
import { useSession } from "../session";
import { Button, IconButton } from "../ui/Button";
import { Dialog } from "../ui/Dialog";
import { Facts } from "./Facts";
import { Stage } from "./Stage";
import styles from "./Viewer.module.css";
import { type Picture, type ViewerState, type Way } from "./store";

/** A picture in full: zoomed, compared, with what it says of itself. */
export function Viewer() {
  const { desk } = useSession();
  const state = useStore(desk.viewer);
  const picture = state.at === undefined ? undefined : state.pictures[state.at];
  return picture ? <Open picture={picture} state={state} /> : null;
}

const WAYS: readonly Way[] = ["slider", "side", "flip"];

function Open({ picture, state }: { picture: Picture; state: ViewerState }) {
  const t = useT();
  const { desk } = useSession();
  const { viewer } = desk;
  const [isFlipped, setFlipped] = useState(false);
  const { pictures, at = 0, other, way } = state;
  const next = pictures[at + 1] ?? pictures[at - 1];

  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.target instanceof HTMLInputElement) return;
    if (event.code === "ArrowLeft") viewer.step(-1);
    else if (event.code === "ArrowRight") viewer.step(1);
    else if (event.code === "Space" && other && way === "flip") setFlipped(true);
    else return;
    event.preventDefault();
  };

  return (
    <Dialog bare title={t("viewer.title")} closeLabel={t("viewer.close")} onClose={viewer.close} full>
      {/* oxlint-disable-next-line jsx-a11y/no-static-element-interactions -- keys of the whole dialog; each has a button too */}
      <div className={styles.viewer} onKeyDown={onKeyDown} onKeyUp={({ code }) => code === "Space" && setFlipped(false)}>
        <header className={styles.head}>
          <span className={styles.name}>{picture.name}</span>
          {pictures.length > 1 && (
            <>
              <IconButton icon="chevron" className={styles.back} label={t("viewer.previous")} disabled={at === 0} onClick={() => viewer.step(-1)} />
              <span className={styles.count}>
                {at + 1} / {pictures.length}
              </span>
              <IconButton icon="chevron" label={t("viewer.next")} disabled={at === pictures.length - 1} onClick={() => viewer.step(1)} />
            </>
          )}
          <span className={styles.grow} />
          {other ? (
            <div role="radiogroup" aria-label={t("viewer.ways")} className={styles.ways}>
              {WAYS.map((one) => (
                <button key={one} type="button" role="radio" aria-checked={way === one} className={styles.way} onClick={() => viewer.setState({ way: one })}>
                  {t(`viewer.way.${one}`)}
                </button>
              ))}
              <button type="button" role="radio" aria-checked={false} className={styles.way} onClick={() => viewer.setState({ other: undefined, way: "one" })}>
                {t("viewer.way.one")}
              </button>
            </div>
          ) : (
            next && <Button onClick={() => viewer.setState({ other: next, way: "slider" })}>{t("viewer.compareNext")}</Button>
          )}
          <IconButton icon="close" label={t("viewer.close")} onClick={viewer.close} />
        </header>
        <Stage key={other && way === "side" ? "halves" : "whole"} picture={picture} other={other} way={other ? way : "one"} isFlipped={isFlipped} onFlip={setFlipped} />
        <Side picture={picture} />
      </div>
    </Dialog>
  );
}

function Side({ picture }: { picture: Picture }) {
  const t = useT();
  const { desk } = useSession();
  const actions = usePictures();
  const { run, href } = picture;
  const leave = (work: Promise<void>): void => void work.then(desk.viewer.close);
  return (
    <aside className={styles.side} aria-label={t("viewer.facts")}>
      <div className={styles.actions}>
        {run !== undefined && (
          <Button icon="layout" onClick={() => leave(actions.openWorkflow({ href, run }))}>
            {t("gallery.workflow")}
          </Button>
        )}
        <Button icon="plus" onClick={() => leave(actions.addNode(picture))}>
          {t("gallery.addNode")}
        </Button>
        <a className={styles.download} href={href} download={picture.name.slice(picture.name.lastIndexOf("/") + 1)}>
          {t("viewer.download")}
        </a>
      </div>
      <Facts key={href} href={href} />
      <p className={styles.keys}>{t("viewer.keys")}</p>
    </aside>
  );
}
