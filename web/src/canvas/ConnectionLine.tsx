import { type ConnectionLineComponentProps, getBezierPath } from "@xyflow/react";
import { type CSSProperties } from "react";
import { translator } from "../i18n/t";
import { useDocument, useSession } from "../session";
import { typeHue } from "../theme/hues";
import { endpointOf } from "./ends";
import { outputType, inputType, refusal } from "./connect";
import styles from "./Canvas.module.css";

/** The wire that follows the pointer; over a socket it cannot end at it says why. */
export function ConnectionLine({ fromX, fromY, toX, toY, fromPosition, toPosition, fromNode, fromHandle, toNode, toHandle, connectionStatus }: ConnectionLineComponentProps) {
  const { catalog, settings } = useSession();
  const file = useDocument((state) => state.file);
  const { specs } = catalog.getState();
  const from = endpointOf(fromNode.id, fromHandle.id);
  const to = toNode && toHandle && endpointOf(toNode.id, toHandle.id);
  const type = fromHandle.type === "source" ? outputType(file, specs, from) : inputType(file, specs, from);
  const [source, target] = fromHandle.type === "source" ? [from, to] : [to, from];
  const refused = connectionStatus === "invalid" && source && target && toHandle?.type !== fromHandle.type ? refusal(file, specs, source, target) : undefined;
  const [path] = getBezierPath({ sourceX: fromX, sourceY: fromY, sourcePosition: fromPosition, targetX: toX, targetY: toY, targetPosition: toPosition, curvature: 0.3 });
  return (
    <g>
      <path d={path} className={styles.line} data-refused={refused ? "" : undefined} style={{ "--hue": typeHue(type ?? "") } as CSSProperties} />
      {refused && (
        <foreignObject x={toX + 14} y={toY + 10} width={280} height={80}>
          <div className={styles.refused}>{translator(settings.getState().language)(refused.key, refused.values)}</div>
        </foreignObject>
      )}
    </g>
  );
}
