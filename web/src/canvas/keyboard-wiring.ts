/** Wires with the keys: Enter begins one at a socket, arrows go through what fits, Enter ends it, Escape drops it. */

import { type KeyboardEvent, createContext } from "react";
import { editOf } from "../actions/edit";
import { connect } from "../document/commands/inputs";
import { type Endpoint } from "../document/model";
import { translator } from "../i18n/t";
import { type Session } from "../session";
import { inputType, outputType, refusal, takesMany } from "./connect";
import { inOrder } from "./derive";
import { type Side, WHOLE, geometryOf } from "./geometry";

export interface SocketAt extends Endpoint {
  side: Side;
}

export interface Wiring {
  onSocketKey(event: KeyboardEvent<HTMLElement>, at: SocketAt): void;
}

export const WiringContext = createContext<Wiring | undefined>(undefined);

export function createWiring(session: Session): Wiring {
  const { canvas, catalog, ui } = session;
  const say = (key: Parameters<ReturnType<typeof translator>>[0], values: Record<string, string | number>): void =>
    ui.say(translator(session.settings.getState().language)(key, values));

  const begin = (at: SocketAt): void => {
    const { file } = session.document.getState();
    const { specs } = catalog.getState();
    const candidates = fitting(session, at);
    if (candidates.length === 0) return say("canvas.wire.none", { socket: nameOf(at) });
    const type = at.side === "out" ? outputType(file, specs, at) : inputType(file, specs, at);
    canvas.setState({ wiring: { from: { ...at, type }, candidates, at: 0 } });
    point(candidates[0]);
    say("canvas.wire.begun", { socket: nameOf(at), target: nameOf(candidates[0]), at: 1, count: candidates.length });
  };

  const move = (by: number): void => {
    const { wiring } = canvas.getState();
    if (!wiring) return;
    const { candidates } = wiring;
    const at = (wiring.at + by + candidates.length) % candidates.length;
    canvas.setState({ wiring: { ...wiring, at } });
    point(candidates[at]);
    say("canvas.wire.at", { target: nameOf(candidates[at]), at: at + 1, count: candidates.length });
  };

  const point = (target: Endpoint | undefined): void => {
    if (target) canvas.view?.center(target.node);
  };

  const end = (): void => {
    const { wiring } = canvas.getState();
    const other = wiring?.candidates[wiring.at];
    canvas.setState({ wiring: undefined });
    if (!wiring || !other) return;
    const [source, target] = wiring.from.side === "out" ? [wiring.from, other] : [other, wiring.from];
    const { file } = session.document.getState();
    editOf(session)("edit.connect", { source: nameOf(source), target: nameOf(target) }, connect(plain(source), plain(target), takesMany(catalog.getState().specs, file, target)));
    say("canvas.wire.made", { source: nameOf(source), target: nameOf(target) });
  };

  return {
    onSocketKey: (event, at) => {
      const wiring = canvas.getState().wiring;
      const moves: Record<string, number> = { ArrowDown: 1, ArrowRight: 1, ArrowUp: -1, ArrowLeft: -1 };
      const by = moves[event.key];
      if (event.key === "Enter" || event.key === " ") {
        if (wiring) end();
        else begin(at);
      } else if (event.key === "Escape" && wiring) {
        canvas.setState({ wiring: undefined });
        say("canvas.wire.dropped", {});
      } else if (by === undefined) return;
      else if (wiring) move(by);
      else walk(event.currentTarget, by);
      event.preventDefault();
      event.stopPropagation();
    },
  };
}

/** What a wire from here could end at, nearest first in the order of the graph. */
function fitting({ document, catalog }: Session, from: SocketAt): Endpoint[] {
  const { file } = document.getState();
  const { specs } = catalog.getState();
  return inOrder(file).flatMap((node) => {
    const entry = file.nodes[node];
    if (!entry || node === from.node) return [];
    const sockets = geometryOf(entry, specs[entry.type], WHOLE).sockets.filter(({ side }) => side !== from.side);
    return sockets
      .map(({ name }) => ({ node, port: name }))
      .filter((other) => (from.side === "out" ? !refusal(file, specs, from, other) : !refusal(file, specs, other, from)));
  });
}

/** To the socket above or below on the same node. */
function walk(socket: HTMLElement, by: number): void {
  const sockets = [...(socket.closest("[data-node]")?.querySelectorAll<HTMLElement>("[data-socket]") ?? [])];
  sockets[(sockets.indexOf(socket) + by + sockets.length) % sockets.length]?.focus();
}

function plain({ node, port }: Endpoint): Endpoint {
  return { node, port };
}

function nameOf(end: Endpoint | undefined): string {
  return end ? `${end.node}.${end.port}` : "";
}
