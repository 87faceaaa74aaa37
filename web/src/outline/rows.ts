/** The rows in sight, and where a key leads from one. */

import { type OutlineInput, type OutlineNode, type OutlineOutput } from "./tree";

export type Row = { key: string; node: OutlineNode; at: number; of: number } & (
  | { kind: "node"; open: boolean }
  | { kind: "input"; input: OutlineInput }
  | { kind: "output"; output: OutlineOutput }
);

export function rowsOf(nodes: readonly OutlineNode[], open: ReadonlySet<string>): Row[] {
  return nodes.flatMap((node, index): Row[] => {
    const isOpen = open.has(node.id);
    const head: Row = { key: node.id, kind: "node", node, at: index + 1, of: nodes.length, open: isOpen };
    return isOpen ? [head, ...childrenOf(node)] : [head];
  });
}

/** A node's id may hold a slash; `//` keeps its rows apart from those of another. */
export function rowKey(node: string, kind: "input" | "output", name: string): string {
  return `${node}//${kind}//${name}`;
}

function childrenOf(node: OutlineNode): Row[] {
  const of = node.inputs.length + node.outputs.length;
  const inputs = node.inputs.map((input, at): Row => ({ key: rowKey(node.id, "input", input.name), kind: "input", node, input, at: at + 1, of }));
  const outputs = node.outputs.map(
    (output, at): Row => ({ key: rowKey(node.id, "output", output.name), kind: "output", node, output, at: node.inputs.length + at + 1, of }),
  );
  return [...inputs, ...outputs];
}

export type Move = { to: string } | { open: string } | { shut: string } | undefined;

/** The keys of a tree, as screen readers teach them. */
export function moveOf(rows: readonly Row[], from: string, key: string): Move {
  const at = rows.findIndex((row) => row.key === from);
  const row = rows[at];
  if (!row) return toRow(rows[0]);
  switch (key) {
    case "ArrowDown":
      return toRow(rows[at + 1]);
    case "ArrowUp":
      return toRow(rows[at - 1]);
    case "Home":
      return toRow(rows[0]);
    case "End":
      return toRow(rows.at(-1));
    case "ArrowRight":
      if (row.kind !== "node") return undefined;
      return row.open ? toRow(childAt(rows, at)) : { open: row.node.id };
    case "ArrowLeft":
      if (row.kind !== "node") return { to: row.node.id };
      return row.open ? { shut: row.node.id } : undefined;
    default:
      return undefined;
  }
}

function childAt(rows: readonly Row[], at: number): Row | undefined {
  const next = rows[at + 1];
  return next?.kind === "node" ? undefined : next;
}

function toRow(row: Row | undefined): Move {
  return row && { to: row.key };
}
