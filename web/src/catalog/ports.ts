import { type TypesOf } from "../document/runnable";
import { type NodeSpec } from "./spec";

/** The ports of a type, as bypassing and muting need them. */
export function typesOf(specs: Record<string, NodeSpec>): TypesOf {
  return (type) => {
    const spec = specs[type];
    if (!spec) return undefined;
    return {
      inputs: Object.fromEntries(spec.inputs.map((port) => [port.name, port.type])),
      outputs: Object.fromEntries(spec.outputs.map((port) => [port.name, port.type])),
      required: new Set(spec.inputs.filter((port) => !port.optional).map((port) => port.name)),
    };
  };
}
