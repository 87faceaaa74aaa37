/** When a seed is drawn: at Run and not after it, so the field shows the seed that was used. */

import { type WorkflowFile, linkTo } from "../document/model";
import { type Change, chain, withLayout } from "../document/commands/change";
import { setInput } from "../document/commands/inputs";

export type SeedPolicy = "fixed" | "increment" | "random";
export const SEED_POLICIES: readonly SeedPolicy[] = ["fixed", "increment", "random"];

/** Seeds up to here read well, and every one of them can be typed. */
const MOST_DRAWN = 2 ** 32;

export function policyOf(file: WorkflowFile, node: string, input: string): SeedPolicy {
  const policy = file.layout?.seeds?.[linkTo({ node, port: input }).link];
  return policy === "increment" || policy === "random" ? policy : "fixed";
}

export function setPolicy(node: string, input: string, policy: SeedPolicy): Change {
  const name = linkTo({ node, port: input }).link;
  return (file) =>
    withLayout(file, (layout) => {
      const { [name]: _old, ...others } = layout.seeds ?? {};
      const seeds = policy === "fixed" ? others : { ...others, [name]: policy };
      return { ...layout, seeds };
    });
}

export function drawSeed(random: () => number = Math.random): number {
  return Math.floor(random() * MOST_DRAWN);
}

/** The change a press of Run makes to the seeds that are not fixed; nothing when all are. */
export function drawSeeds(file: WorkflowFile, random: () => number = Math.random): Change | undefined {
  const changes = Object.keys(file.layout?.seeds ?? {}).flatMap((name) => {
    const dot = name.lastIndexOf(".");
    const [node, input] = [name.slice(0, dot), name.slice(dot + 1)];
    const old = file.nodes[node]?.inputs?.[input] ?? 0;
    if (!file.nodes[node] || typeof old !== "number") return [];
    const next = policyOf(file, node, input) === "increment" ? old + 1 : drawSeed(random);
    return [setInput(node, input, next)];
  });
  return changes.length > 0 ? chain(changes) : undefined;
}
