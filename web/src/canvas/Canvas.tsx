import { Background, BackgroundVariant, ReactFlow, ReactFlowProvider, SelectionMode } from "@xyflow/react";
import "@xyflow/react/dist/base.css";
import { type MouseEvent, useEffect, useMemo, useRef, useState } from "react";
import { useStore } from "zustand";
import { useT } from "../i18n/t";
import { useDocument, useSession } from "../session";
import { afterRelease } from "../ui/after-release";
import styles from "./Canvas.module.css";
import { CanvasBar } from "./CanvasBar";
import { ConnectionLine } from "./ConnectionLine";
import { createDeriver, createHider, type WireType } from "./derive";
import { EmptyCanvas } from "./EmptyCanvas";
import { FarSheet } from "./FarSheet";
import { GraphNode } from "./GraphNode";
import { WiringContext, createWiring } from "./keyboard-wiring";
import { KeyboardWireMark } from "./KeyboardWireMark";
import { GroupNode, NoteNode } from "./MarkNodes";
import { marksOf } from "./marks";
import { Minimap } from "./Minimap";
import { CanvasMenu, type MenuPlace } from "./CanvasMenu";
import { useAfar } from "./use-afar";
import { useDetail } from "./use-detail";
import { useInserting } from "./use-inserting";
import { useNothingMeasured } from "./use-nothing-measured";
import { useDragging } from "./use-dragging";
import { usePlaces } from "./use-places";
import { useRoom } from "./use-room";
import { useTabView } from "./use-tab-view";
import { useView } from "./use-view";
import { useWiring } from "./use-wiring";
import { Wire } from "./Wire";

const NODE_TYPES = { graph: GraphNode, group: GroupNode, note: NoteNode };
const EDGE_TYPES = { wire: Wire };
const NO_WIRES: WireType[] = [];
/** Half of the dots' distance. */
const GRID: [number, number] = [12, 12];

/** The graph of the workflow in front. The only place that knows the library that draws it. */
export function Canvas() {
  return (
    <ReactFlowProvider>
      <Graph />
    </ReactFlowProvider>
  );
}

function Graph() {
  const t = useT();
  const session = useSession();
  useNothingMeasured();
  const { canvas, catalog, ui, tabs } = session;
  const file = useDocument((state) => state.file);
  const specs = useStore(catalog, (state) => state.specs);
  const selected = useStore(ui, (state) => state.selection);
  const snap = useStore(session.settings, (state) => state.snap);
  const minimap = useStore(canvas, (state) => state.minimap);
  const active = useStore(tabs, (state) => state.active);
  const [menu, setMenu] = useState<MenuPlace>();
  const root = useRef<HTMLDivElement>(null);
  const selection = useMemo(() => new Set(selected), [selected]);
  const [deriver] = useState(createDeriver);
  const [hidden] = useState(createHider);
  const [wiring] = useState(() => createWiring(session));

  const places = usePlaces(file, specs);
  const { live, placesNow, onNodesChange, onEdgesChange } = useDragging(file, places);
  const nodes = useMemo(() => deriver.nodes(file, specs, live, selection), [deriver, file, specs, live, selection]);
  const marks = useMemo(() => marksOf(file, selection), [file, selection]);
  const detail = useDetail(nodes);
  const isPainted = detail === "sheet";
  const drawn = useMemo(() => [...marks.map((mark) => withPlace(mark, live[mark.id])), ...(isPainted ? nodes.map(hidden) : nodes)], [marks, nodes, live, isPainted, hidden]);
  const wires = useMemo<WireType[]>(() => deriver.wires(file, specs, selection), [deriver, file, specs, selection]);
  const wireEvents = useWiring();
  const nodesNow = useRef(nodes);
  useEffect(() => {
    nodesNow.current = nodes;
  }, [nodes]);
  const afar = useAfar(nodes, detail, nodesNow);
  const inserting = useInserting(nodesNow);
  useView(root, placesNow);
  useRoom();

  useTabView(active);

  const onMenu = (node?: string) => (event: MouseEvent | globalThis.MouseEvent): void => {
    event.preventDefault();
    if (node && !selection.has(node)) ui.select([node]);
    const place = { x: event.clientX, y: event.clientY, node };
    afterRelease(event.buttons, () => setMenu(place));
  };
  const onDoubleClick = (event: MouseEvent): void => {
    if (!(event.target as Element).classList.contains("react-flow__pane")) return;
    const painted = afar.under(event);
    if (painted !== undefined) return canvas.view?.center(painted);
    ui.setState({ palette: { at: [event.clientX, event.clientY] } });
  };

  return (
    // oxlint-disable-next-line jsx-a11y/no-static-element-interactions -- the palette has its keys too
    <div ref={root} className={styles.canvas} onDoubleClick={onDoubleClick} data-canvas>
      <WiringContext value={wiring}>
        <ReactFlow
          nodes={drawn}
          edges={detail === "whole" ? wires : NO_WIRES}
          nodeTypes={NODE_TYPES}
          edgeTypes={EDGE_TYPES}
          onNodesChange={onNodesChange}
          onEdgesChange={onEdgesChange}
          {...wireEvents}
          {...inserting}
          connectionLineComponent={ConnectionLine}
          connectionRadius={26}
          onNodeContextMenu={(event, node) => onMenu(node.id)(event)}
          onPaneContextMenu={(event) => onMenu(afar.under(event))(event)}
          onPaneClick={afar.select}
          onSelectionContextMenu={(event) => onMenu()(event)}
          onMove={(_, { zoom }) => canvas.getState().zoom !== zoom && canvas.setState({ zoom })}
          snapToGrid={snap}
          snapGrid={GRID}
          onlyRenderVisibleElements
          edgesFocusable={false}
          nodesFocusable
          deleteKeyCode={null}
          selectionKeyCode="Shift"
          multiSelectionKeyCode={["Shift", "Control", "Meta"]}
          panActivationKeyCode="Space"
          selectionMode={SelectionMode.Partial}
          zoomOnDoubleClick={false}
          elevateNodesOnSelect={false}
          minZoom={0.08}
          maxZoom={2.5}
          fitView
          fitViewOptions={{ padding: 0.12, maxZoom: 1, includeHiddenNodes: true }}
          ariaLabelConfig={{ "node.a11yDescription.default": t("canvas.a11y.node"), "node.a11yDescription.keyboardDisabled": t("canvas.a11y.node") }}
        >
          <Background variant={BackgroundVariant.Dots} gap={24} size={1.4} color="var(--canvas-dot)" />
          {detail !== "whole" && <FarSheet nodes={nodes} wires={wires} withNodes={isPainted} />}
          <KeyboardWireMark />
          {minimap && nodes.length > 0 && <Minimap nodes={nodes} />}
          <CanvasBar />
        </ReactFlow>
      </WiringContext>
      {nodes.length === 0 && <EmptyCanvas />}
      {menu && <CanvasMenu place={menu} onClose={() => setMenu(undefined)} />}
    </div>
  );
}

function withPlace<N extends { position: { x: number; y: number } }>(node: N, place: readonly [number, number] | undefined): N {
  return place ? { ...node, position: { x: place[0], y: place[1] } } : node;
}
