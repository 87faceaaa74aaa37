/** What runs and how far it is, by node: apart from the document, which no run ever changes. */

import { type StoreApi, createStore } from "zustand/vanilla";

export type StepStatus = "idle" | "waiting" | "running" | "done" | "cached" | "failed" | "skipped";

export interface StepState {
  status: StepStatus;
  progress?: { done: number; total: number; text: string };
  seconds?: number;
  /** Why it ran or was cached, in the server's words. */
  reason?: string;
  previewUrl?: string;
  error?: { message: string; fix?: string; traceback?: string };
}

export type RunPhase = "queued" | "running" | "done" | "failed" | "cancelled" | "poisoned";

export interface RunSummary {
  id: string;
  state: RunPhase;
  name: string;
  created?: number;
  started?: number;
  finished?: number;
  message?: string;
  artifacts: { id: string; name: string; href: string }[];
}

export interface RunState {
  connection: "live" | "lost" | "connecting";
  runs: Record<string, RunSummary>;
  /** Newest first. */
  order: string[];
  /** The run whose steps are drawn on the graph. */
  current?: string;
  steps: Record<string, StepState>;
}

export type RunStore = StoreApi<RunState>;

export const IDLE: StepState = { status: "idle" };

export function createRunStore(): RunStore {
  return createStore<RunState>(() => ({ connection: "connecting", runs: {}, order: [], steps: {} }));
}
