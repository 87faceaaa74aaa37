/** The view of the graph: where it is looked at from, and what is being done to it by hand. */

import { type StoreApi, createStore } from "zustand/vanilla";
import { type Endpoint, type Point, type Wire } from "../document/model";
import { type Detail } from "./detail";
import { type Side } from "./geometry";

/** One end of a wire to be: the socket it was begun at. */
export interface WireEnd extends Endpoint {
  side: Side;
  type: string | undefined;
}

/** A wire that is made with the keys: where it would end now. */
export interface KeyboardWire {
  from: WireEnd;
  candidates: Endpoint[];
  at: number;
}

export interface CanvasState {
  zoom: number;
  detail: Detail;
  /** Places of nodes the file gives none for. */
  auto: Record<string, Point>;
  wiring: KeyboardWire | undefined;
  minimap: boolean;
}

export interface Box {
  x: number;
  y: number;
  width: number;
  height: number;
}

/** What the graph's view can be told to do; the canvas gives it when it is there. */
export interface View {
  fit(nodes?: readonly string[]): void;
  zoomBy(factor: number): void;
  zoomTo(zoom: number): void;
  center(node: string): void;
  focus(node: string): void;
  /** Gives it the focus without moving the view. */
  grasp(node: string): void;
  /** The place in the graph under a point of the page; without one, under its middle. */
  placeAt(client?: Point): Point;
  /** Where every node is drawn at this moment. */
  places(): Record<string, Point>;
  /** The wires, by the ids the selection has them under. */
  wires(): { id: string; wire: Wire }[];
}

export interface CanvasStore extends StoreApi<CanvasState> {
  view: View | undefined;
}

export function createCanvas(): CanvasStore {
  const store = createStore<CanvasState>(() => ({ zoom: 1, detail: "whole", auto: {}, wiring: undefined, minimap: true }));
  return { ...store, view: undefined };
}
