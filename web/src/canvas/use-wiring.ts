import { type Connection, type Edge, type OnConnectEnd, type OnConnectStart, type OnReconnect } from "@xyflow/react";
import { useMemo } from "react";
import { editOf } from "../actions/edit";
import { chain } from "../document/commands/change";
import { connect, disconnect } from "../document/commands/inputs";
import { type Endpoint, linkTo } from "../document/model";
import { translator } from "../i18n/t";
import { type Session, useSession } from "../session";
import { inputType, outputType, refusal, takesMany } from "./connect";
import { endpointOf, sideOf, wireOf } from "./ends";
import { markReachable } from "./reachable";

/** Wires by hand: what happens when one is begun, ended, moved or let go. */
export function useWiring() {
  const session = useSession();
  return useMemo(() => wiringOf(session), [session]);
}

function wiringOf(session: Session) {
  const edit = editOf(session);
  /** The end of a wire is in hand. */
  let isMoving = false;
  const now = () => ({ file: session.document.getState().file, specs: session.catalog.getState().specs });

  const onConnectStart: OnConnectStart = (_event, { nodeId, handleId }) => {
    if (!nodeId) return;
    const { file, specs } = now();
    const from = endpointOf(nodeId, handleId);
    const side = sideOf(handleId);
    const type = side === "out" ? outputType(file, specs, from) : inputType(file, specs, from);
    markReachable(side, type, from.node);
  };

  const onConnectEnd: OnConnectEnd = (event, state) => {
    markReachable(undefined);
    if (state.isValid || !state.fromNode || !state.fromHandle) return;
    const from = { ...endpointOf(state.fromNode.id, state.fromHandle.id), side: sideOf(state.fromHandle.id) };
    if (state.toHandle && state.toNode) return tellRefusal(from, endpointOf(state.toNode.id, state.toHandle.id), sideOf(state.toHandle.id));
    if (isMoving || state.toNode) return;
    const { file, specs } = now();
    const type = from.side === "out" ? outputType(file, specs, from) : inputType(file, specs, from);
    const point = "changedTouches" in event ? event.changedTouches[0] : event;
    if (point) session.ui.setState({ palette: { at: [point.clientX, point.clientY], from: { ...from, type } } });
  };

  const tellRefusal = (from: Endpoint & { side: string }, to: Endpoint, side: string): void => {
    if (from.side === side) return;
    const { file, specs } = now();
    const [source, target] = from.side === "out" ? [from, to] : [to, from];
    const refused = refusal(file, specs, source, target);
    if (refused) session.ui.toast({ kind: "info", text: translator(session.settings.getState().language)(refused.key, refused.values) });
  };

  const onConnect = (connection: Connection): void => {
    const { source, target } = wireOf(connection);
    const { file, specs } = now();
    edit("edit.connect", { source: linkTo(source).link, target: linkTo(target).link }, connect(source, target, takesMany(specs, file, target)));
  };

  const onReconnect: OnReconnect = (old, connection) => {
    isMoving = false;
    const { source, target } = wireOf(connection);
    const { file, specs } = now();
    edit("edit.connect", { source: linkTo(source).link, target: linkTo(target).link }, chain([disconnect(wireOf(old)), connect(source, target, takesMany(specs, file, target))]));
  };

  return {
    onConnectStart,
    onConnectEnd,
    onConnect,
    onReconnect,
    onReconnectStart: (): void => {
      isMoving = true;
    },
    /** Let go over nothing, the wire is gone. */
    onReconnectEnd: (_event: unknown, edge: Edge): void => {
      if (isMoving) {
        const wire = wireOf(edge);
        edit("edit.disconnect", { target: linkTo(wire.target).link }, disconnect(wire));
      }
      setTimeout(() => {
        isMoving = false;
      });
    },
    isValidConnection: (connection: Connection | Edge): boolean => {
      const { file, specs } = now();
      const { source, target } = wireOf(connection);
      return refusal(file, specs, source, target) === undefined;
    },
  };
}
