import { type Viewport, useReactFlow, useStoreApi } from "@xyflow/react";
import { useEffect } from "react";

/** When a side panel opens the graph makes room: it stays in the middle, and in view as a whole if it was. */
export function useRoom(): void {
  const flow = useReactFlow();
  const store = useStoreApi();
  useEffect(() => {
    /** The view that showed everything, for as long as nobody has changed it. */
    let whole: Viewport | undefined;
    return store.subscribe((now, before) => {
      if (!before.width || !now.width || now.width === before.width) return;
      const view = flow.getViewport();
      const nodes = flow.getNodes();
      // Without nodes the library would keep the wish to fit, and jump to the first one that is added.
      if (nodes.length === 0) return;
      const isUntouched = whole?.x === view.x && whole.y === view.y && whole.zoom === view.zoom;
      if (isUntouched || showsAll(flow.getNodesBounds(nodes), view, before)) {
        void flow.fitView({ padding: 0.12, maxZoom: Math.min(1, isUntouched ? 1 : view.zoom), includeHiddenNodes: true }).then(() => {
          whole = flow.getViewport();
        });
        return;
      }
      void flow.setViewport({ ...view, x: view.x + (now.width - before.width) / 2 });
    });
  }, [flow, store]);
}

interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

function showsAll(box: Box, { x, y, zoom }: Viewport, { width, height }: Pick<Box, "width" | "height">): boolean {
  const [left, top] = [box.x * zoom + x, box.y * zoom + y];
  return left >= 0 && top >= 0 && left + box.width * zoom <= width && top + box.height * zoom <= height;
}
