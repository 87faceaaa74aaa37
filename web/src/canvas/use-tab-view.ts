import { type Viewport, useReactFlow } from "@xyflow/react";
import { useEffect, useRef } from "react";
import { useSession } from "../session";

/** Until then the nodes of the tab are with the library. */
const PAUSE_MS = 60;
const AT_FIRST: Viewport = { x: 0, y: 0, zoom: 1 };

/** Every tab is looked at as it was left; one that is new, as a whole. */
export function useTabView(active: string): void {
  const { canvas } = useSession();
  const flow = useReactFlow();
  const left = useRef(new Map<string, Viewport>());
  useEffect(() => {
    const views = left.current;
    let isShown = false;
    const timer = setTimeout(() => {
      isShown = true;
      const view = views.get(active);
      if (view) void flow.setViewport(view);
      else if (flow.getNodes().length > 0) canvas.view?.fit();
      else void flow.setViewport(AT_FIRST);
    }, PAUSE_MS);
    return () => {
      clearTimeout(timer);
      if (isShown) views.set(active, flow.getViewport());
    };
  }, [active, canvas, flow]);
}
