import { ViewportPortal } from "@xyflow/react";
import { type CSSProperties } from "react";
import { useStore } from "zustand";
import { type Endpoint, type WorkflowFile } from "../document/model";
import { useDocument, useSession } from "../session";
import { typeHue } from "../theme/hues";
import styles from "./Canvas.module.css";
import { type Specs } from "./connect";
import { extentIn } from "./boxes";
import { type Side, geometryOf } from "./geometry";

/** The wire that is being made with the keys, and a ring around where it would end. */
export function KeyboardWireMark() {
  const { canvas, catalog } = useSession();
  const wiring = useStore(canvas, (state) => state.wiring);
  const file = useDocument((state) => state.file);
  const specs = useStore(catalog, (state) => state.specs);
  const other = wiring?.candidates[wiring.at];
  if (!wiring || !other) return null;
  const places = canvas.view?.places() ?? {};
  const from = placeOf(file, specs, places, wiring.from, wiring.from.side);
  const to = placeOf(file, specs, places, other, wiring.from.side === "out" ? "in" : "out");
  return (
    <ViewportPortal>
      <svg className={styles.keyboardWire} style={{ "--hue": typeHue(wiring.from.type ?? "") } as CSSProperties} aria-hidden="true">
        <line x1={from[0]} y1={from[1]} x2={to[0]} y2={to[1]} />
        <circle cx={to[0]} cy={to[1]} r={11} />
      </svg>
    </ViewportPortal>
  );
}

function placeOf(file: WorkflowFile, specs: Specs, places: Record<string, readonly [number, number]>, { node, port }: Endpoint, side: Side): [number, number] {
  const entry = file.nodes[node];
  const [x, y] = places[node] ?? [0, 0];
  if (!entry) return [x, y];
  const { sockets, width } = geometryOf(entry, specs[entry.type], extentIn(file, node));
  const socket = sockets.find((item) => item.name === port && item.side === side);
  return [x + (side === "out" ? width : 0), y + (socket?.y ?? 0)];
}
