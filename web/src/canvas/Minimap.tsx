import { useReactFlow, useStore as useFlow } from "@xyflow/react";
import { type PointerEvent, useEffect, useRef } from "react";
import { useStore } from "zustand";
import { useT } from "../i18n/t";
import { type StepStatus } from "../run/store";
import { useSession } from "../session";
import { categoryHue } from "../theme/hues";
import styles from "./Canvas.module.css";
import { type GraphNodeType } from "./derive";

const WIDTH = 184;
const HEIGHT = 120;
const MARGIN = 8;
const LIT: Partial<Record<StepStatus, string>> = { running: "--info", failed: "--bad", done: "--good" };

/** The whole graph on one small canvas: an element per node would cost more than the graph itself. */
export function Minimap({ nodes }: { nodes: readonly GraphNodeType[] }) {
  const t = useT();
  const { run, settings } = useSession();
  const flow = useReactFlow();
  const canvas = useRef<HTMLCanvasElement>(null);
  const transform = useFlow((state) => state.transform);
  const width = useFlow((state) => state.width);
  const height = useFlow((state) => state.height);
  const steps = useStore(run, (state) => state.steps);
  const theme = useStore(settings, (state) => state.theme);
  const view = { x: -transform[0] / transform[2], y: -transform[1] / transform[2], width: width / transform[2], height: height / transform[2] };
  const map = fit(boundsOf(nodes, view));

  useEffect(() => {
    const context = canvas.current?.getContext("2d");
    if (!context) return;
    const style = getComputedStyle(document.documentElement);
    const ratio = window.devicePixelRatio || 1;
    context.canvas.width = WIDTH * ratio;
    context.canvas.height = HEIGHT * ratio;
    context.scale(ratio, ratio);
    for (const { id, position, data } of nodes) {
      const status = steps[id]?.status;
      const lit = status && LIT[status];
      const tone = `oklch(${style.getPropertyValue("--hue-l")} 0.09 ${categoryHue(data.spec?.category ?? "")})`;
      context.fillStyle = lit ? style.getPropertyValue(lit) : tone;
      context.fillRect(map.x(position.x), map.y(position.y), Math.max(2, data.geometry.width * map.scale), Math.max(2, data.geometry.height * map.scale));
    }
    context.strokeStyle = style.getPropertyValue("--accent");
    context.lineWidth = 1.5;
    context.strokeRect(map.x(view.x), map.y(view.y), view.width * map.scale, view.height * map.scale);
  });

  const go = (event: PointerEvent<HTMLCanvasElement>): void => {
    if (event.buttons !== 1) return;
    const box = event.currentTarget.getBoundingClientRect();
    event.currentTarget.setPointerCapture(event.pointerId);
    void flow.setCenter(map.backX(event.clientX - box.x), map.backY(event.clientY - box.y), { zoom: transform[2] });
  };
  return <canvas ref={canvas} className={styles.minimap} data-theme-key={theme} role="img" aria-label={t("canvas.minimap")} style={{ width: WIDTH, height: HEIGHT }} onPointerDown={go} onPointerMove={go} />;
}

interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

function boundsOf(nodes: readonly GraphNodeType[], view: Box): Box {
  const boxes = nodes.length > 0 ? nodes.map(({ position, data }) => ({ ...position, ...data.geometry })) : [view];
  const x = boxes.reduce((least, box) => Math.min(least, box.x), Number.POSITIVE_INFINITY);
  const y = boxes.reduce((least, box) => Math.min(least, box.y), Number.POSITIVE_INFINITY);
  const right = boxes.reduce((most, box) => Math.max(most, box.x + box.width), Number.NEGATIVE_INFINITY);
  const bottom = boxes.reduce((most, box) => Math.max(most, box.y + box.height), Number.NEGATIVE_INFINITY);
  return { x, y, width: right - x, height: bottom - y };
}

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
