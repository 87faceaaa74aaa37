import { useEffect, useMemo } from "react";
import { useStore } from "zustand";
import { type Point, type WorkflowFile } from "../document/model";
import { useSession } from "../session";
import { arrange } from "./arrange";
import { type Specs } from "./connect";

/** Where every node is: as the file says, and laid out where it says nothing. */
export function usePlaces(file: WorkflowFile, specs: Specs): Record<string, Point> {
  const { canvas } = useSession();
  const auto = useStore(canvas, (state) => state.auto);
  const lacking = useMemo(() => Object.keys(file.nodes).filter((id) => !isPoint(file.layout?.nodes?.[id])).join("\n"), [file.nodes, file.layout?.nodes]);
  const ready = Object.keys(specs).length > 0;

  useEffect(() => {
    const known = canvas.getState().auto;
    if (!lacking || !ready || lacking.split("\n").every((id) => known[id])) return undefined;
    let current = true;
    void arrange(file, specs).then((places) => {
      if (!current) return;
      canvas.setState({ auto: places });
      setTimeout(() => canvas.view?.fit(), 50);
    });
    return () => {
      current = false;
    };
    // Once per set of nodes without a place; the wires of the moment do.
    // oxlint-disable-next-line react/exhaustive-deps
  }, [lacking, ready]);

  return useMemo(() => ({ ...(lacking ? auto : {}), ...file.layout?.nodes }), [auto, lacking, file.layout?.nodes]);
}

function isPoint(value: unknown): value is Point {
  return Array.isArray(value) && value.length === 2 && value.every(Number.isFinite);
}
