/** Asks the worker for places. */

import { kindOf } from "../catalog/settings";
import { type NodeSpec } from "../catalog/spec";
import { type WorkflowFile, wiresOf } from "../document/model";
import { type Specs } from "./connect";
import { geometryOf } from "./geometry";
import { idsIn } from "../document/commands/nodes";
import { type LayoutJob, type LayoutResult } from "./layout-job";
// oxlint-disable-next-line import/default -- Vite makes it
import workerUrl from "./layout.worker?worker&url";

/** Room under a node that shows a picture. */
const PICTURE = 264;

export function arrange(file: WorkflowFile, specs: Specs, only?: ReadonlySet<string>): Promise<LayoutResult> {
  const worker = new Worker(trusted(workerUrl), { type: "module" });
  return new Promise((resolve, reject) => {
    worker.addEventListener("message", ({ data }: MessageEvent<LayoutResult>) => {
      worker.terminate();
      resolve(data);
    });
    worker.addEventListener("error", (event) => {
      worker.terminate();
      reject(new Error(event.message));
    });
    worker.postMessage(jobOf(file, specs, only));
  });
}

function jobOf(file: WorkflowFile, specs: Specs, only?: ReadonlySet<string>): LayoutJob {
  const collapsed = new Set(idsIn(file.layout, "collapsed"));
  const expanded = new Set(idsIn(file.layout, "expanded"));
  const ids = Object.keys(file.nodes).filter((id) => !only || only.has(id));
  const known = new Set(ids);
  const nodes = ids.flatMap((id) => {
    const entry = file.nodes[id];
    if (!entry) return [];
    const spec = specs[entry.type];
    const { width, height } = geometryOf(entry, spec, { collapsed: collapsed.has(id), expanded: expanded.has(id) });
    return [{ id, width, height: height + (spec && !collapsed.has(id) && showsPicture(spec) ? PICTURE : 0) }];
  });
  const wires = wiresOf(file)
    .filter(({ source, target }) => known.has(source.node) && known.has(target.node))
    .map(({ source, target }): [string, string] => [source.node, target.node]);
  return { nodes, wires };
}

/** What saves or reads pictures shows them, and what draws from noise shows how far it is. */
function showsPicture({ effect, inputs, outputs, settings }: NodeSpec): boolean {
  const kinds = new Set(settings.map(kindOf));
  if (kinds.has("input")) return true;
  return effect ? inputs.some(({ type }) => type === "Image") : kinds.has("seed") && outputs.some(({ type }) => type === "Latent");
}

/** The page's policy takes a worker's address only from a policy that vouches for it: this one is ours. */
function trusted(url: string): URL {
  const types = (window as { trustedTypes?: { createPolicy(name: string, rules: object): { createScriptURL(url: string): URL } } }).trustedTypes;
  if (!types) return new URL(url, location.href);
  policy ??= types.createPolicy("latentgraph-layout", { createScriptURL: (given: string) => given });
  return policy.createScriptURL(url);
}

/** A browser takes a policy's name once. */
let policy: { createScriptURL(url: string): URL } | undefined;
