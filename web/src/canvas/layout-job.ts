import { type Point } from "../document/model";

export interface LayoutJob {
  nodes: { id: string; width: number; height: number }[];
  wires: [source: string, target: string][];
}

export type LayoutResult = Record<string, Point>;
