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
  /** Seconds it is expected to take, from what is known of it. */
  expected?: number;
  /** Since when we have watched its progress, and how far it was then: what an estimate needs. */
  watched?: { at: number; done: number };
  /** Names of the files it saved, without their folders. */
  files?: readonly string[];
}

export type Steps = Record<string, StepState>;

export type RunPhase = "queued" | "running" | "done" | "failed" | "cancelled" | "poisoned";

export interface Artifact {
  id: string;
  name: string;
  href: string;
}

export interface RunSummary {
  id: string;
  state: RunPhase;
  name: string;
  priority: number;
  attempt: number;
  created?: number;
  started?: number;
  finished?: number;
  message?: string;
  failures: Record<string, string>;
  /** What the check found before anything ran. */
  problems: { step: string; message: string; fix: string; severity: string }[];
  counts: Record<string, number>;
  artifacts: Artifact[];
}

/** What the server said before a run about one of its steps. */
export interface Forecast {
  reason: string;
  seconds?: number;
}

export interface RunState {
  connection: "live" | "lost" | "connecting";
  runs: Record<string, RunSummary>;
  /** Newest first. */
  order: string[];
  queue: { paused: boolean; queued: number; running: number };
  /** The name whose newest run is drawn on the graph: that of the workflow in front. */
  followed?: string;
  /** The run whose steps are drawn on the graph. */
  current?: string;
  /** Its steps by node. */
  steps: Steps;
  /** The steps of every run we heard of lately. */
  stepsOf: Record<string, Steps>;
  /** The nodes that were handed in with a run: until told otherwise they wait. */
  asked: Record<string, readonly string[]>;
  forecasts: Record<string, Record<string, Forecast>>;
  warnings: Record<string, readonly string[]>;
}

export type RunStore = StoreApi<RunState>;

export const IDLE: StepState = { status: "idle" };
export const WAITING: StepState = { status: "waiting" };

export const NO_RUNS: RunState = {
  connection: "connecting",
  runs: {},
  order: [],
  queue: { paused: false, queued: 0, running: 0 },
  steps: {},
  stepsOf: {},
  asked: {},
  forecasts: {},
  warnings: {},
};

export function createRunStore(): RunStore {
  return createStore<RunState>(() => NO_RUNS);
}

export function hasEnded({ state }: { state: RunPhase }): boolean {
  return state !== "queued" && state !== "running";
}
