import { useEffect, useLayoutEffect, useRef, useState } from "react";
import { useT } from "../i18n/t";
import { IconButton } from "../ui/Button";
import { type View, fitView, zoomAt } from "../viewer/zoom";
import { type Settings } from "./MaskPainter";
import styles from "./Mask.module.css";
import { type MaskLayer, type Rect } from "./layer";
import { drawLayer } from "./pixels";
import { usePainting } from "./usePainting";

export interface MaskCanvasProps {
  layer: MaskLayer;
  picture: ImageBitmap | undefined;
  settings: Settings;
  /** A part that was changed by something else than a stroke. */
  stale: (Rect & { at: number }) | undefined;
  onChanged(): void;
}

/** Stands out from most pictures, and is told apart by those who do not see red from green. */
const TINT = [255, 64, 160] as const;
const STEP = 1.3;

/** Two layers: the picture, and the mask as a tint over it. */
export function MaskCanvas({ layer, picture, settings, stale, onChanged }: MaskCanvasProps) {
  const t = useT();
  const frame = useRef<HTMLDivElement>(null);
  const below = useRef<HTMLCanvasElement>(null);
  const above = useRef<HTMLCanvasElement>(null);
  const [view, setView] = useState<View>({ scale: 1, x: 0, y: 0 });
  const [at, setAt] = useState<{ x: number; y: number }>();
  const { width, height } = layer;

  const draw = (area: Rect | undefined): void => {
    const context = above.current?.getContext("2d");
    if (context && area) drawLayer(context, layer, area, TINT);
  };
  const fit = (): void => {
    const { clientWidth = 1, clientHeight = 1 } = frame.current ?? {};
    setView(fitView({ width, height }, { width: clientWidth, height: clientHeight }));
  };
  useLayoutEffect(() => {
    if (picture) below.current?.getContext("2d")?.drawImage(picture, 0, 0, width, height);
    draw({ x: 0, y: 0, width, height });
    // Once for each picture: strokes draw themselves.
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [layer, picture]);
  useLayoutEffect(() => {
    draw(stale);
    // oxlint-disable-next-line react-hooks/exhaustive-deps
  }, [stale]);
  useEffect(() => {
    const element = frame.current;
    // The dialog opens after its parts are there: only then is there a size to fit into.
    const sized = new ResizeObserver(() => {
      if (!element?.clientWidth) return;
      sized.disconnect();
      setView(fitView({ width, height }, { width: element.clientWidth, height: element.clientHeight }));
      element.focus();
    });
    if (element) sized.observe(element);
    return () => sized.disconnect();
  }, [width, height]);
  useEffect(() => {
    const element = frame.current;
    const onWheel = (event: WheelEvent): void => {
      event.preventDefault();
      const box = element?.getBoundingClientRect() ?? new DOMRect();
      const point = { x: event.clientX - box.left - box.width / 2, y: event.clientY - box.top - box.height / 2 };
      setView((now) => zoomAt(now, Math.exp(-event.deltaY * (event.ctrlKey ? 0.01 : 0.0015)), point));
    };
    element?.addEventListener("wheel", onWheel, { passive: false });
    return () => element?.removeEventListener("wheel", onWheel);
  }, []);

  const brush = { radius: settings.size / 2, hardness: settings.hardness, erases: settings.tool === "erase" };
  const hands = usePainting({ layer, tool: settings.tool, brush, view, frame, setView, draw, changed: onChanged, point: setAt });
  const placed = { width, height, transform: `translate(${view.x}px, ${view.y}px) scale(${view.scale})` };
  return (
    <div className={styles.stage}>
      <div
        ref={frame}
        className={styles.frame}
        role="application"
        // oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex -- painted on with the keys too
        tabIndex={0}
        aria-label={t("mask.canvas", { percent: percentOf(layer) })}
        {...hands}
      >
        <div className={styles.sheet} style={placed}>
          <canvas ref={below} width={width} height={height} className={styles.picture} data-blank={!picture || undefined} />
          <canvas ref={above} width={width} height={height} className={styles.mask} style={{ opacity: settings.opacity }} />
        </div>
        {at && settings.tool !== "fill" && (
          // Outside of what is zoomed, so that its line stays thin.
          <div
            className={styles.cursor}
            style={{
              left: `calc(50% + ${view.x + (at.x - width / 2 - brush.radius) * view.scale}px)`,
              top: `calc(50% + ${view.y + (at.y - height / 2 - brush.radius) * view.scale}px)`,
              width: settings.size * view.scale,
              height: settings.size * view.scale,
            }}
          />
        )}
      </div>
      <div className={styles.zoom}>
        <IconButton icon="minus" label={t("mask.zoomOut")} onClick={() => setView((now) => zoomAt(now, 1 / STEP, { x: 0, y: 0 }))} />
        <span>{Math.round(view.scale * 100)} %</span>
        <IconButton icon="plus" label={t("mask.zoomIn")} onClick={() => setView((now) => zoomAt(now, STEP, { x: 0, y: 0 }))} />
        <IconButton icon="fit" label={t("mask.fit")} onClick={fit} />
      </div>
    </div>
  );
}

function percentOf({ data }: MaskLayer): number {
  return Math.round((data.reduce((sum, value) => sum + value, 0) / 255 / Math.max(1, data.length)) * 100);
}
