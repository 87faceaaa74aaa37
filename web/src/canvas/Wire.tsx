import { BaseEdge, type EdgeProps, getBezierPath } from "@xyflow/react";
import { type CSSProperties, memo } from "react";
import { useStep } from "../run/useStep";
import { typeHue } from "../theme/hues";
import { type WireType } from "./derive";
import styles from "./Canvas.module.css";

/** A wire in the colour of what it carries; it flows while the node at its end computes. */
export const Wire = memo(function Wire({ sourceX, sourceY, targetX, targetY, sourcePosition, targetPosition, target, data, selected }: EdgeProps<WireType>) {
  const [path] = getBezierPath({ sourceX, sourceY, targetX, targetY, sourcePosition, targetPosition, curvature: 0.3 });
  const { status } = useStep(target);
  return <BaseEdge path={path} interactionWidth={18} className={styles.wire} data-selected={selected || undefined} data-flows={status === "running" || undefined} style={{ "--hue": typeHue(data?.type ?? "") } as CSSProperties} />;
});
