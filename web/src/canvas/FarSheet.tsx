import { useStoreApi } from "@xyflow/react";
import { memo, useEffect, useMemo, useRef } from "react";
import { useStore } from "zustand";
import { worst } from "../check/problem";
import { useT } from "../i18n/t";
import { useSession } from "../session";
import styles from "./Canvas.module.css";
import { type GraphNodeType, type WireType } from "./derive";
import { viewBox } from "./detail";
import { paintSheet, wireLines } from "./sheet";

export interface FarSheetProps {
  nodes: readonly GraphNodeType[];
  wires: readonly WireType[];
  /** Else the nodes are elements, and only the wires are painted. */
  withNodes: boolean;
}

/** What is painted of the graph from afar. Follows the view without React: a frame is one painting. */
export const FarSheet = memo(function FarSheet({ nodes, wires, withNodes }: FarSheetProps) {
  const t = useT();
  const { check, run, settings } = useSession();
  const flow = useStoreApi();
  const canvas = useRef<HTMLCanvasElement>(null);
  const theme = useStore(settings, (state) => state.theme);
  const lines = useMemo(() => wireLines(nodes, wires), [nodes, wires]);

  useEffect(() => {
    const element = canvas.current;
    const context = element?.getContext("2d");
    if (!element || !context) return undefined;
    const style = getComputedStyle(document.documentElement);
    const tones = new Map<string, string>();
    const tone = (name: string): string => {
      const known = tones.get(name) ?? style.getPropertyValue(name);
      tones.set(name, known);
      return known;
    };
    let asked = 0;
    const paint = (): void => {
      asked = 0;
      const { transform, width, height } = flow.getState();
      const ratio = Math.min(2, window.devicePixelRatio || 1);
      const [wide, high] = [Math.round(width * ratio), Math.round(height * ratio)];
      if (element.width !== wide || element.height !== high) Object.assign(element, { width: wide, height: high });
      context.setTransform(1, 0, 0, 1, 0, 0);
      context.clearRect(0, 0, wide, high);
      const [x, y, zoom] = transform;
      context.setTransform(zoom * ratio, 0, 0, zoom * ratio, x * ratio, y * ratio);
      const { steps } = run.getState();
      const { byNode } = check.getState();
      const sheet = { nodes: withNodes ? nodes : [], wires: lines, tone, statusOf: (id: string) => steps[id]?.status, severityOf: (id: string) => worst(byNode[id] ?? []) };
      paintSheet(context, sheet, viewBox(transform, width, height), zoom);
    };
    const ask = (): void => {
      asked ||= requestAnimationFrame(paint);
    };
    paint();
    const stops = [
      flow.subscribe((now, before) => (now.transform !== before.transform || now.width !== before.width || now.height !== before.height) && ask()),
      run.subscribe((now, before) => now.steps !== before.steps && ask()),
      check.subscribe(ask),
    ];
    return () => {
      cancelAnimationFrame(asked);
      for (const stop of stops) stop();
    };
  }, [flow, run, check, nodes, lines, withNodes, theme]);

  return <canvas ref={canvas} className={styles.sheet} role="img" aria-label={t("canvas.afar", { count: nodes.length })} aria-hidden={!withNodes || undefined} />;
});
