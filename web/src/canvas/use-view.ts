import { useReactFlow } from "@xyflow/react";
import { type RefObject, useEffect } from "react";
import { type Point } from "../document/model";
import { useSession } from "../session";
import { isStill } from "../settings/apply";
import { wireOf } from "./ends";

const FIT = { padding: 0.12, maxZoom: 1, includeHiddenNodes: true };

/** Tells the rest of the page how to move the view. */
export function useView(root: RefObject<HTMLDivElement | null>, places: RefObject<Record<string, Point>>): void {
  const flow = useReactFlow();
  const { canvas, settings, ui } = useSession();
  useEffect(() => {
    let waiting: ReturnType<typeof setTimeout> | undefined;
    const duration = (ms: number): number => (isStill(settings.getState()) ? 0 : ms);
    const center = (node: string): void => {
      const at = flow.getNode(node);
      if (at) void flow.setCenter(at.position.x + (at.width ?? 0) / 2, at.position.y + (at.height ?? 0) / 2, { zoom: Math.max(flow.getZoom(), 0.8), duration: duration(200) });
    };
    const grasp = (node: string): void => root.current?.querySelector<HTMLElement>(`.react-flow__node[data-id="${CSS.escape(node)}"]`)?.focus({ preventScroll: true });
    canvas.view = {
      grasp,
      fit: (nodes) => {
        // Without nodes the library would keep the wish, and jump to the first one that is added.
        if (flow.getNodes().length > 0) void flow.fitView({ ...FIT, duration: duration(200), nodes: nodes?.map((id) => ({ id })) });
      },
      zoomBy: (factor) => void flow.zoomTo(flow.getZoom() * factor, { duration: duration(120) }),
      zoomTo: (zoom) => void flow.zoomTo(zoom, { duration: duration(120) }),
      center,
      focus: (node) => {
        center(node);
        ui.select([node]);
        // The node may have been out of view until now: it is there a moment later. Who has gone
        // elsewhere meanwhile is left there; a dialog that closes gives its focus back before that.
        clearTimeout(waiting);
        waiting = setTimeout(() => {
          const before = document.activeElement;
          waiting = setTimeout(() => {
            if (document.activeElement === before || document.activeElement === document.body) grasp(node);
          }, 240);
        }, 20);
      },
      placeAt: (client) => {
        const box = root.current?.getBoundingClientRect();
        const [x, y] = client ?? [(box?.x ?? 0) + (box?.width ?? 0) / 2, (box?.y ?? 0) + (box?.height ?? 0) / 3];
        const point = flow.screenToFlowPosition({ x, y });
        return [Math.round(point.x), Math.round(point.y)];
      },
      places: () => places.current,
      wires: () => flow.getEdges().map((edge) => ({ id: edge.id, wire: wireOf(edge) })),
    };
    return () => {
      clearTimeout(waiting);
      canvas.view = undefined;
    };
  }, [flow, canvas, settings, ui, root, places]);
}
