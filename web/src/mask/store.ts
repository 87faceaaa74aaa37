/** Which node's mask is painted, and over which picture. */

import { type StoreApi, createStore } from "zustand/vanilla";

export interface MaskTask {
  /** The node whose `file` becomes the painted mask. */
  node: string;
  input: string;
  /** Address of the picture below, if there is one. */
  picture?: string;
  /** Address of the mask to go on with, if there is one. */
  mask?: string;
}

export interface MaskState {
  task?: MaskTask;
}

export type MaskStore = StoreApi<MaskState>;

export function createMask(): MaskStore {
  return createStore<MaskState>(() => ({}));
}
