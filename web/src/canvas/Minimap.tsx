import { useReactFlow, useStoreApi } from "@xyflow/react";
import { type PointerEvent, useEffect, useMemo, useRef } from "react";
import { useStore } from "zustand";
import { useT } from "../i18n/t";
import { type StepStatus, type Steps } from "../run/store";
import { useSession } from "../session";
import { categoryHue } from "../theme/hues";
import styles from "./Canvas.module.css";
import { type GraphNodeType } from "./derive";
import { viewBox } from "./detail";

const WIDTH = 184;
const HEIGHT = 120;
const MARGIN = 8;
const LIT: Partial<Record<StepStatus, string>> = { running: "--info", failed: "--bad", done: "--good" };

/** The whole graph on one small canvas: an element per node would cost more than the graph itself. */
export function Minimap({ nodes }: { nodes: readonly GraphNodeType[] }) {
  const t = useT();
  const { run, settings } = useSession();
  const flow = useReactFlow();
  const store = useStoreApi();
  const canvas = useRef<HTMLCanvasElement>(null);
  const steps = useStore(run, (state) => state.steps);
  const theme = useStore(settings, (state) => state.theme);
  const map = useMemo(() => fit(boundsOf(nodes)), [nodes]);

  useEffect(() => {
    const context = canvas.current?.getContext("2d");
    if (!context) return undefined;
    const ratio = window.devicePixelRatio || 1;
    // The nodes are painted once: while the view moves, only its frame does.
    const still = paintNodes(nodes, steps, map, ratio);
    const accent = getComputedStyle(document.documentElement).getPropertyValue("--accent");
    let asked = 0;
    const paint = (): void => {
      asked = 0;
      const { transform, width, height } = store.getState();
      const view = viewBox(transform, width, height);
      context.canvas.width = still.width;
      context.canvas.height = still.height;
      context.drawImage(still, 0, 0);
      context.scale(ratio, ratio);
      context.strokeStyle = accent;
      context.lineWidth = 1.5;
      // What lies beyond the map's edge is drawn at it.
      const [left, top] = [Math.max(1, map.x(view.x)), Math.max(1, map.y(view.y))];
      const [right, bottom] = [Math.min(WIDTH - 1, map.x(view.x + view.width)), Math.min(HEIGHT - 1, map.y(view.y + view.height))];
      context.strokeRect(left, top, Math.max(0, right - left), Math.max(0, bottom - top));
    };
    paint();
    const stop = store.subscribe((now, before) => {
      if (now.transform !== before.transform || now.width !== before.width || now.height !== before.height) asked ||= requestAnimationFrame(paint);
    });
    return () => {
      cancelAnimationFrame(asked);
      stop();
    };
  }, [nodes, steps, map, store, theme]);

  const go = (event: PointerEvent<HTMLCanvasElement>): void => {
    if (event.buttons !== 1) return;
    const box = event.currentTarget.getBoundingClientRect();
    event.currentTarget.setPointerCapture(event.pointerId);
    void flow.setCenter(map.backX(event.clientX - box.x), map.backY(event.clientY - box.y), { zoom: flow.getZoom() });
  };
  return <canvas ref={canvas} className={styles.minimap} role="img" aria-label={t("canvas.minimap")} style={{ width: WIDTH, height: HEIGHT }} onPointerDown={go} onPointerMove={go} />;
}

function paintNodes(nodes: readonly GraphNodeType[], steps: Steps, map: Fit, ratio: number): HTMLCanvasElement {
  const still = Object.assign(document.createElement("canvas"), { width: WIDTH * ratio, height: HEIGHT * ratio });
  const context = still.getContext("2d");
  if (!context) return still;
  const style = getComputedStyle(document.documentElement);
  const light = style.getPropertyValue("--hue-l");
  context.scale(ratio, ratio);
  for (const { id, position, data } of nodes) {
    const status = steps[id]?.status;
    const lit = status && LIT[status];
    context.fillStyle = lit ? style.getPropertyValue(lit) : `oklch(${light} 0.09 ${categoryHue(data.spec?.category ?? "")})`;
    context.fillRect(map.x(position.x), map.y(position.y), Math.max(2, data.geometry.width * map.scale), Math.max(2, data.geometry.height * map.scale));
  }
  return still;
}

interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

function boundsOf(nodes: readonly GraphNodeType[]): Box {
  let [x, y, right, bottom] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const { position, data } of nodes) {
    x = Math.min(x, position.x);
    y = Math.min(y, position.y);
    right = Math.max(right, position.x + data.geometry.width);
    bottom = Math.max(bottom, position.y + data.geometry.height);
  }
  return { x, y, width: right - x, height: bottom - y };
}

type Fit = ReturnType<typeof fit>;

function fit(box: Box) {
  const scale = Math.min((WIDTH - 2 * MARGIN) / box.width, (HEIGHT - 2 * MARGIN) / box.height);
  const left = (WIDTH - box.width * scale) / 2;
  const top = (HEIGHT - box.height * scale) / 2;
  return {
    scale,
    x: (x: number) => left + (x - box.x) * scale,
    y: (y: number) => top + (y - box.y) * scale,
    backX: (x: number) => box.x + (x - left) / scale,
    backY: (y: number) => box.y + (y - top) / scale,
  };
}
