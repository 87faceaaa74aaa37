/** Which node's mask is painted, and over which picture: found by types and wires, no node is known by name. */

import { type NodeSpec } from "../catalog/spec";
import { type Json, type WorkflowFile, isObject, wiresOf } from "../document/model";
import { type MaskTask } from "./store";

export type SpecOf = (type: string) => NodeSpec | undefined;

/** The setting that names an input file, of a node that gives such an output. */
function fileInput(spec: NodeSpec | undefined, output: string): string | undefined {
  if (!spec?.outputs.some(({ type }) => type === output)) return undefined;
  return spec.settings.find(({ schema }) => schema["x-file"] === "inputs")?.name;
}

export function maskInput(file: WorkflowFile, node: string, specOf: SpecOf): string | undefined {
  return fileInput(specOf(file.nodes[node]?.type ?? ""), "Mask");
}

export function pictureInput(file: WorkflowFile, node: string, specOf: SpecOf): string | undefined {
  return fileInput(specOf(file.nodes[node]?.type ?? ""), "Image");
}

export function findTask(file: WorkflowFile, node: string, specOf: SpecOf): MaskTask | undefined {
  const mask = maskInput(file, node, specOf) === undefined ? maskOf(file, node, specOf) : node;
  const input = mask === undefined ? undefined : maskInput(file, mask, specOf);
  if (mask === undefined || input === undefined) return undefined;
  const picture = mask === node ? pictureOf(file, mask, specOf) : node;
  return {
    node: mask,
    input,
    mask: addressOf(file.nodes[mask]?.inputs?.[input]),
    picture: picture === undefined ? undefined : addressOf(file.nodes[picture]?.inputs?.[pictureInput(file, picture, specOf) ?? ""]),
  };
}

/** Where the picture of a file input is shown from. */
export function addressOf(value: Json | undefined): string | undefined {
  const name = isObject(value) ? value["name"] : value;
  if (typeof name !== "string" || name === "") return undefined;
  return `/api/v1/inputs/${name.split("/").map(encodeURIComponent).join("/")}`;
}

/** The nearest picture that meets the mask in some node. */
function pictureOf(file: WorkflowFile, mask: string, specOf: SpecOf): string | undefined {
  return nearest(file, mask, (node) => node !== mask && pictureInput(file, node, specOf) !== undefined);
}

function maskOf(file: WorkflowFile, picture: string, specOf: SpecOf): string | undefined {
  if (pictureInput(file, picture, specOf) === undefined) return undefined;
  return nearest(file, picture, (node) => maskInput(file, node, specOf) !== undefined);
}

/** Breadth first along the wires, whichever way they run. */
function nearest(file: WorkflowFile, from: string, wanted: (node: string) => boolean): string | undefined {
  const beside = new Map<string, string[]>();
  for (const { source, target } of wiresOf(file)) {
    beside.set(source.node, [...(beside.get(source.node) ?? []), target.node]);
    beside.set(target.node, [...(beside.get(target.node) ?? []), source.node]);
  }
  const seen = new Set([from]);
  for (const node of seen) {
    if (wanted(node)) return node;
    for (const next of beside.get(node) ?? []) seen.add(next);
  }
  return undefined;
}
