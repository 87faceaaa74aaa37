/** Lays a graph out, off the page's thread. */

import { Graph, layout } from "@dagrejs/dagre";
import { type LayoutJob, type LayoutResult } from "./layout-job";

self.addEventListener("message", ({ data }: MessageEvent<LayoutJob>) => {
  const graph = new Graph({ multigraph: true });
  graph.setGraph({ rankdir: "LR", nodesep: 36, ranksep: 84, marginx: 0, marginy: 0, ranker: data.nodes.length > 800 ? "longest-path" : "network-simplex" });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const { id, width, height } of data.nodes) graph.setNode(id, { width, height });
  data.wires.forEach(([source, target], at) => graph.setEdge(source, target, {}, String(at)));
  layout(graph);
  const places: LayoutResult = {};
  for (const { id, width, height } of data.nodes) {
    const { x, y } = graph.node(id) as { x: number; y: number };
    places[id] = [Math.round(x - width / 2), Math.round(y - height / 2)];
  }
  self.postMessage(places);
});
