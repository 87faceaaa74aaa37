import { type OnNodeDrag } from "@xyflow/react";
import { type RefObject, useMemo } from "react";
import { editOf } from "../actions/edit";
import { type Wire } from "../document/model";
import { useSession } from "../session";
import { type GraphNodeType } from "./derive";
import { insertion, isLoose, nameOf, wireBelow } from "./insert";

interface Inserting {
  onNodeDrag: OnNodeDrag;
  onNodeDragStop: OnNodeDrag;
}

/** A loose node that is let go on a wire comes between its ends; the wire lights up before. */
export function useInserting(nodes: RefObject<readonly GraphNodeType[]>): Inserting {
  const session = useSession();
  return useMemo(() => {
    const below: (...given: Parameters<OnNodeDrag>) => Wire | undefined = (_event, { id, position }, dragged) => {
      const { file } = session.document.getState();
      if (dragged.length !== 1 || !file.nodes[id] || !isLoose(file, id)) return undefined;
      return wireBelow(file, session.catalog.getState().specs, nodes.current ?? [], id, [position.x, position.y]);
    };
    return {
      onNodeDrag: (...given) => light(session.canvas.view?.wires().find(({ wire }) => isSame(wire, below(...given)))?.id),
      onNodeDragStop: (...given) => {
        light(undefined);
        const wire = below(...given);
        const { file } = session.document.getState();
        const change = wire && insertion(file, session.catalog.getState().specs, given[1].id, wire);
        // With the move that led there it is one step back.
        if (change) editOf(session)("edit.insert", { node: given[1].id, ...nameOf(wire) }, change, "nudge");
      },
    };
  }, [session, nodes]);
}

function isSame(a: Wire, b: Wire | undefined): boolean {
  return b !== undefined && a.source.node === b.source.node && a.source.port === b.source.port && a.target.node === b.target.node && a.target.port === b.target.port;
}

/** By an attribute and a rule: a drag draws no wire again. */
function light(id: string | undefined): void {
  for (const lit of document.querySelectorAll<SVGElement>("[data-insert]")) delete lit.dataset["insert"];
  if (id === undefined) return;
  const edge = document.querySelector<SVGElement>(`.react-flow__edge[data-id="${CSS.escape(id)}"]`);
  if (edge) edge.dataset["insert"] = "";
}
