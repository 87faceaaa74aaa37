/** What would run if Run were pressed now: by node, with the reason and the seconds it may take. */

import { type StoreApi, createStore } from "zustand/vanilla";

/** `blocked` has an error or waits for a node that has; `left out` is nothing this run needs. */
export const PLAN_STATES = ["run", "may run", "cached", "blocked", "left out"] as const;
export type PlanStepState = (typeof PLAN_STATES)[number];

/** Why, where the page found it out itself: told in the reader's language. */
export type OwnReason = { key: "plan.waits"; node: string } | { key: "plan.muted" };

export interface PlannedStep {
  state: PlanStepState;
  /** Why, mostly in the engine's words. */
  reason: string | OwnReason;
  /** How long it took in the past; null when it never ran. */
  seconds: number | null;
}

export interface PlanState {
  /** While somebody points at Run. */
  shown: boolean;
  /** Kept in sight, and true, until it is let go. */
  pinned: boolean;
  status: "unknown" | "asking" | "done" | "unreachable";
  steps: Readonly<Record<string, PlannedStep>>;
}

export interface PlanStore extends StoreApi<PlanState> {
  show(shown: boolean): void;
  togglePin(): void;
}

export function createPlan(): PlanStore {
  const store = createStore<PlanState>(() => ({ shown: false, pinned: false, status: "unknown", steps: {} }));
  return {
    ...store,
    show: (shown) => store.setState({ shown }),
    togglePin: () => store.setState(({ pinned }) => ({ pinned: !pinned, shown: false })),
  };
}

export function isVisible({ shown, pinned }: PlanState): boolean {
  return shown || pinned;
}
