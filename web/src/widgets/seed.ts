/** When a seed is drawn anew, as the file keeps it; the drawing is done at Run. */

import { linkTo } from "../document/model";
import { type Change, withLayout } from "../document/commands/change";
import { type SeedPolicy } from "../run/seeds";

export const SEED_POLICIES: readonly SeedPolicy[] = ["fixed", "increment", "random"];

/** Seeds up to here read well, and every one of them can be typed. */
const MOST_DRAWN = 2 ** 32;

export function setPolicy(node: string, input: string, policy: SeedPolicy): Change {
  const name = linkTo({ node, port: input }).link;
  return (file) =>
    withLayout(file, (layout) => {
      const { [name]: _old, ...others } = layout.seeds ?? {};
      return { ...layout, seeds: policy === "fixed" ? others : { ...others, [name]: policy } };
    });
}

export function drawSeed(): number {
  return Math.floor(Math.random() * MOST_DRAWN);
}
