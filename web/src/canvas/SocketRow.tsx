import { Handle, Position } from "@xyflow/react";
import { type CSSProperties, type KeyboardEvent, memo, use } from "react";
import { type Severity } from "../check/problem";
import { useT } from "../i18n/t";
import { typeHue, typeShape } from "../theme/hues";
import { type Side } from "./geometry";
import { WiringContext } from "./keyboard-wiring";
import styles from "./GraphNode.module.css";

export interface SocketProps {
  node: string;
  side: Side;
  name: string;
  type: string;
  linked: boolean;
  optional?: boolean;
  /** Shown only when pointed at, or when a wire looks for an end: the sockets of settings. */
  shy?: boolean;
  problem?: Severity;
  first?: boolean;
}

/** One end for wires: coloured and shaped by its type. What a wire in progress can reach is a matter of CSS alone. */
export const Socket = memo(function Socket({ node, side, name, type, linked, optional, shy, problem, first }: SocketProps) {
  const t = useT();
  const wiring = use(WiringContext);
  const onKeyDown = (event: KeyboardEvent<HTMLDivElement>): void => wiring?.onSocketKey(event, { node, port: name, side });
  return (
    <Handle
      id={`${side}:${name}`}
      type={side === "in" ? "target" : "source"}
      position={side === "in" ? Position.Left : Position.Right}
      className={styles.socket}
      style={{ "--hue": typeHue(type) } as CSSProperties}
      data-side={side}
      data-type={type || "?"}
      data-variable={/^[A-Z]$/.test(type) || undefined}
      data-shape={typeShape(type)}
      data-linked={linked || undefined}
      data-optional={optional || undefined}
      data-shy={(shy && !linked) || undefined}
      data-problem={problem}
      data-socket={`${node}:${side}:${name}`}
      role="button"
      tabIndex={first ? 0 : -1}
      aria-label={t(side === "in" ? "canvas.socket.in" : "canvas.socket.out", { name, type, state: linked ? t("canvas.socket.linked") : "" })}
      title={type}
      onKeyDown={onKeyDown}
    />
  );
});
