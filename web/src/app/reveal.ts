import { type Session } from "../session";

/** Selects a node and brings it into view: where every list of nodes leads. */
export function reveal({ ui, canvas }: Session, node: string): void {
  ui.select([node]);
  canvas.view?.center(node);
}
