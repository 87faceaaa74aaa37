import { type KeyboardEvent, type PointerEvent, type SyntheticEvent, useEffect, useLayoutEffect, useRef, useState } from "react";
import { useT } from "../i18n/t";
import { Button } from "../ui/Button";
import styles from "./Viewer.module.css";
import { type Picture, type Way } from "./store";
import { type Size, type View, fitView, zoomAt } from "./zoom";

export interface StageProps {
  picture: Picture;
  other?: Picture;
  way: Way;
  isFlipped: boolean;
  onFlip(isFlipped: boolean): void;
}

const STEP = 1.25;

/** One picture or two, zoomed and moved together. */
export function Stage({ picture, other, way, isFlipped, onFlip }: StageProps) {
  const t = useT();
  const frame = useRef<HTMLDivElement>(null);
  const [size, setSize] = useState<Size>();
  const [view, setView] = useState<View>({ scale: 1, x: 0, y: 0 });
  const [split, setSplit] = useState(50);
  const held = useRef(new Map<number, { x: number; y: number }>());

  const frameSize = (): Size => {
    const width = frame.current?.clientWidth ?? 1;
    return { width: way === "side" ? width / 2 : width, height: frame.current?.clientHeight ?? 1 };
  };
  useWheel(frame, (factor, point) => setView((now) => zoomAt(now, factor, inHalf(point, way, frame.current?.clientWidth ?? 1))));

  const loaded = ({ currentTarget }: SyntheticEvent<HTMLImageElement>): void => {
    const { naturalWidth: width, naturalHeight: height } = currentTarget;
    // Two of one size keep the view, so that going back and forth shows the same part.
    if (size?.width === width && size.height === height) return;
    setSize({ width, height });
    setView(fitView({ width, height }, frameSize()));
  };
  const zoom = (factor: number): void => setView((now) => zoomAt(now, factor, { x: 0, y: 0 }));
  const onKeyDown = (event: KeyboardEvent): void => {
    if (event.code === "Equal" || event.code === "NumpadAdd") zoom(STEP);
    else if (event.code === "Minus" || event.code === "NumpadSubtract") zoom(1 / STEP);
    else if (event.code === "Digit0" && size) setView(fitView(size, frameSize()));
    else if (event.code === "Digit1") setView({ scale: 1, x: 0, y: 0 });
  };
  const onPointerMove = (event: PointerEvent): void => {
    const before = held.current.get(event.pointerId);
    if (!before) return;
    const after = { x: event.clientX, y: event.clientY };
    held.current.set(event.pointerId, after);
    const [fixed] = [...held.current].filter(([id]) => id !== event.pointerId).map(([, point]) => point);
    if (!fixed) return setView((now) => ({ ...now, x: now.x + after.x - before.x, y: now.y + after.y - before.y }));
    const apart = (point: { x: number; y: number }): number => Math.hypot(point.x - fixed.x, point.y - fixed.y) || 1;
    zoom(apart(after) / apart(before));
  };
  const release = ({ pointerId }: PointerEvent): void => {
    held.current.delete(pointerId);
    if (way === "flip") onFlip(false);
  };

  const percent = Math.round(view.scale * 100);
  const placed = { transform: `translate(${view.x}px, ${view.y}px) scale(${view.scale})`, ...(view.scale >= 3 && { imageRendering: "pixelated" as const }) };
  const shownFlipped = way === "flip" && isFlipped;
  return (
    <div className={styles.stage}>
      {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-element-interactions -- zoomed and moved by hand and by keys */}
      <div
        ref={frame}
        className={styles.frame}
        role="application"
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- zoomed and moved with the keys
        tabIndex={0}
        aria-label={t("viewer.picture", { name: shownFlipped && other ? other.name : picture.name, zoom: percent })}
        onKeyDown={onKeyDown}
        onPointerDown={(event) => {
          if (event.target instanceof HTMLInputElement) return;
          event.currentTarget.setPointerCapture(event.pointerId);
          held.current.set(event.pointerId, { x: event.clientX, y: event.clientY });
          if (way === "flip") onFlip(true);
        }}
        onPointerMove={onPointerMove}
        onPointerUp={release}
        onPointerCancel={release}
      >
        <div className={styles.half} data-way={way}>
          <img src={picture.href} alt="" draggable={false} style={placed} data-hidden={shownFlipped || undefined} onLoad={loaded} />
        </div>
        {other && (
          <div className={styles.half} data-way={way} data-other style={way === "slider" ? { clipPath: `inset(0 0 0 ${split}%)` } : undefined}>
            <img src={other.href} alt="" draggable={false} style={placed} data-hidden={(way === "flip" && !isFlipped) || undefined} />
          </div>
        )}
        {way === "slider" && (
          <>
            <div className={styles.divider} style={{ left: `${split}%` }} />
            <input type="range" className={styles.slider} min={0} max={100} step={0.5} value={split} aria-label={t("viewer.divider")} onChange={({ target }) => setSplit(target.valueAsNumber)} />
          </>
        )}
      </div>
      <footer className={styles.foot}>
        <Button small look="quiet" onClick={() => size && setView(fitView(size, frameSize()))}>
          {t("viewer.fit")}
        </Button>
        <Button small look="quiet" onClick={() => setView({ scale: 1, x: 0, y: 0 })}>
          {t("viewer.actual")}
        </Button>
        <span>{percent} %</span>
        {size && (
          <span>
            {size.width} × {size.height}
          </span>
        )}
        {way === "flip" && <span>{t("viewer.flipHint")}</span>}
      </footer>
    </div>
  );
}

/** React listens to wheels passively; to keep the page from zooming ours must not be. */
function useWheel(frame: React.RefObject<HTMLElement | null>, zoom: (factor: number, point: { x: number; y: number }) => void): void {
  const latest = useRef(zoom);
  useLayoutEffect(() => {
    latest.current = zoom;
  });
  useEffect(() => {
    const element = frame.current;
    const onWheel = (event: WheelEvent): void => {
      event.preventDefault();
      const box = element?.getBoundingClientRect();
      if (!box) return;
      const point = { x: event.clientX - box.left - box.width / 2, y: event.clientY - box.top - box.height / 2 };
      latest.current(Math.exp(-event.deltaY * (event.ctrlKey ? 0.01 : 0.0015)), point);
    };
    element?.addEventListener("wheel", onWheel, { passive: false });
    return () => element?.removeEventListener("wheel", onWheel);
  }, [frame]);
}

/** Side by side each half has its own middle. */
function inHalf(point: { x: number; y: number }, way: Way, width: number): { x: number; y: number } {
  if (way !== "side") return point;
  return { x: point.x < 0 ? point.x + width / 4 : point.x - width / 4, y: point.y };
}
