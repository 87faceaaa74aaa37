/** Wires and settings: what the inputs of a node are given. */

import { type Endpoint, type InputValue, type Wire, type WorkflowFile, isLink, linkTo } from "../model";
import { type Change, withInput } from "./change";

export function setInput(node: string, input: string, value: InputValue | undefined): Change {
  return (file) => withInput(file, node, input, value);
}

/** Wires an output to an input; an input that takes several gets one more, any other the new one instead. */
export function connect(source: Endpoint, target: Endpoint, many = false): Change {
  return (file) => {
    const link = linkTo(source);
    if (!many) return withInput(file, target.node, target.port, link);
    const now = file.nodes[target.node]?.inputs?.[target.port];
    const list = Array.isArray(now) ? now : now === undefined ? [] : [now];
    return withInput(file, target.node, target.port, [...list, link]);
  };
}

export function disconnect(wire: Wire): Change {
  return (file) => {
    const { node, port } = wire.target;
    const now = file.nodes[node]?.inputs?.[port];
    const gone = linkTo(wire.source).link;
    if (!Array.isArray(now)) return isLink(now) && now.link === gone ? withInput(file, node, port, undefined) : file;
    const at = now.findIndex((item) => isLink(item) && item.link === gone);
    return at < 0 ? file : withInput(file, node, port, now.toSpliced(at, 1));
  };
}

/** Names an input as a parameter of the workflow, or takes the name away. */
export function setParameter(name: string, target: string | undefined): Change {
  return (file) => {
    const { [name]: _old, ...rest } = file.parameters ?? {};
    return { ...file, parameters: target === undefined ? rest : { ...rest, [name]: target } };
  };
}

export function setMeta(key: string, value: string): Change {
  return (file) => ({ ...file, meta: { ...file.meta, [key]: value } });
}

export function parameterOf(file: WorkflowFile, node: string, input: string): string | undefined {
  const target = linkTo({ node, port: input }).link;
  return Object.entries(file.parameters ?? {}).find(([, to]) => to === target)?.[0];
}
