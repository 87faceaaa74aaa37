import { ViewportPortal } from "@xyflow/react";
import { type CSSProperties, memo } from "react";
import { typeHue } from "../theme/hues";
import styles from "./Canvas.module.css";
import { type GraphNodeType, type WireType } from "./derive";
import { type Side } from "./geometry";

/** All wires from afar: one path per type, where an element per wire would cost more than they tell. */
export const FarWires = memo(function FarWires({ nodes, wires }: { nodes: readonly GraphNodeType[]; wires: readonly WireType[] }) {
  const byType = pathsOf(nodes, wires);
  return (
    <ViewportPortal>
      <svg className={styles.farWires} aria-hidden="true">
        {[...byType].map(([type, path]) => (
          <path key={type} d={path} style={{ "--hue": typeHue(type) } as CSSProperties} />
        ))}
      </svg>
    </ViewportPortal>
  );
});

function pathsOf(nodes: readonly GraphNodeType[], wires: readonly WireType[]): Map<string, string> {
  const byId = new Map(nodes.map((node) => [node.id, node]));
  const paths = new Map<string, string>();
  for (const { source, target, sourceHandle, targetHandle, data } of wires) {
    const from = endOf(byId.get(source), "out", sourceHandle);
    const to = endOf(byId.get(target), "in", targetHandle);
    if (!from || !to) continue;
    const bend = Math.max(60, Math.abs(to[0] - from[0]) / 2);
    const type = data?.type ?? "";
    paths.set(type, `${paths.get(type) ?? ""}M${from[0]} ${from[1]}C${from[0] + bend} ${from[1]} ${to[0] - bend} ${to[1]} ${to[0]} ${to[1]}`);
  }
  return paths;
}

function endOf(node: GraphNodeType | undefined, side: Side, handle: string | null | undefined): [number, number] | undefined {
  const { geometry } = node?.data ?? {};
  if (!node || !geometry) return undefined;
  const socket = geometry.sockets.find((item) => `${item.side}:${item.name}` === handle);
  return [node.position.x + (side === "out" ? geometry.width : 0), node.position.y + (socket?.y ?? 0)];
}
