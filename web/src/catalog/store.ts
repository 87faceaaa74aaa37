/** The node types, from the server's schemas: the page knows none by name. */

import { type StoreApi, createStore } from "zustand/vanilla";
import { type NodeSpec } from "./spec";

export interface CatalogState {
  status: "loading" | "ready" | "failed";
  specs: Record<string, NodeSpec>;
  models: { name: string; bytes: number }[];
}

export type CatalogStore = StoreApi<CatalogState>;

export function createCatalog(): CatalogStore {
  return createStore<CatalogState>(() => ({ status: "loading", specs: {}, models: [] }));
}
