import { useReactFlow, useStoreApi } from "@xyflow/react";
import { type MouseEvent, type RefObject, useEffect, useMemo } from "react";
import { useSession } from "../session";
import { type GraphNodeType } from "./derive";
import { type Detail, type ViewBox, isInView } from "./detail";
import { nodeAt } from "./sheet";

export interface Afar {
  /** The painted node under the pointer. */
  under(event: Pick<MouseEvent, "clientX" | "clientY">): string | undefined;
  select(event: MouseEvent): void;
}

/** Hands for nodes that are only painted: a click selects, and so does a box drawn around them. */
export function useAfar(nodes: readonly GraphNodeType[], detail: Detail, latest: RefObject<readonly GraphNodeType[]>): Afar {
  const { ui } = useSession();
  const flow = useReactFlow();
  const store = useStoreApi();
  const isPainted = detail === "sheet";

  useEffect(() => {
    if (!isPainted) return undefined;
    // The library's own box finds only what is an element.
    return store.subscribe(({ userSelectionRect: now, transform: [x, y, zoom] }, { userSelectionRect: rect }) => {
      if (now || !rect) return;
      const box: ViewBox = { x: (rect.x - x) / zoom, y: (rect.y - y) / zoom, width: rect.width / zoom, height: rect.height / zoom };
      ui.select((latest.current ?? []).filter((node) => isInView(node, box)).map(({ id }) => id));
    });
  }, [isPainted, store, ui, latest]);

  return useMemo(() => {
    const under: Afar["under"] = ({ clientX, clientY }) => {
      if (!isPainted) return undefined;
      const { x, y } = flow.screenToFlowPosition({ x: clientX, y: clientY });
      return nodeAt(nodes, x, y)?.id;
    };
    return {
      under,
      select: (event) => {
        const id = under(event);
        if (id === undefined) return;
        const { selection } = ui.getState();
        ui.select(event.shiftKey || event.ctrlKey || event.metaKey ? [...new Set([...selection, id])] : [id]);
      },
    };
  }, [nodes, isPainted, flow, ui]);
}
