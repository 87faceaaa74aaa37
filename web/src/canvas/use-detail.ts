import { useStoreApi } from "@xyflow/react";
import { useEffect } from "react";
import { useStore } from "zustand";
import { useSession } from "../session";
import { type GraphNodeType } from "./derive";
import { type Detail, detailFor, inView, viewBox } from "./detail";

/** How much is drawn now; looked at again whenever the view or the nodes change. */
export function useDetail(nodes: readonly GraphNodeType[]): Detail {
  const { canvas } = useSession();
  const flow = useStoreApi();
  useEffect(() => {
    const look = (): void => {
      const { transform, width, height } = flow.getState();
      if (!width) return;
      const before = canvas.getState().detail;
      const detail = detailFor(before, transform[2], inView(nodes, viewBox(transform, width, height)));
      if (detail !== before) canvas.setState({ detail });
    };
    look();
    return flow.subscribe((now, before) => {
      if (now.transform !== before.transform || now.width !== before.width || now.height !== before.height) look();
    });
  }, [canvas, flow, nodes]);
  return useStore(canvas, (state) => state.detail);
}
