import { type Action, hasNodes } from "./action";

/** Keeps on the graph what a run would do. */
export const pinPlan: Action = {
  title: "action.plan",
  section: "run",
  icon: "eye",
  keys: ["KeyP"],
  enabled: hasNodes,
  run: ({ plan }) => plan.togglePin(),
};
