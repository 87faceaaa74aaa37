import { type Endpoint, type Wire } from "../document/model";
import { type Side } from "./geometry";

/** A handle's id is its side and its name: `in:latent`. */
export function endpointOf(node: string, handle: string | null | undefined): Endpoint {
  return { node, port: (handle ?? "").replace(/^(?:in|out):/, "") };
}

export function sideOf(handle: string | null | undefined): Side {
  return handle?.startsWith("out:") ? "out" : "in";
}

interface Connected {
  source: string;
  target: string;
  sourceHandle?: string | null;
  targetHandle?: string | null;
}

export function wireOf({ source, target, sourceHandle, targetHandle }: Connected): Wire {
  return { source: endpointOf(source, sourceHandle), target: endpointOf(target, targetHandle) };
}
