/** How the page looks and speaks; kept in this browser. */

import { type StoreApi, createStore } from "zustand/vanilla";
import { type Language } from "../i18n/define";

export interface Settings {
  theme: "system" | "dark" | "light";
  language: Language;
  density: "compact" | "comfortable";
}

export type SettingsStore = StoreApi<Settings>;

const KEY = "latentgraph.settings";

export function createSettings(storage: Storage | undefined, languages: readonly string[]): SettingsStore {
  const store = createStore<Settings>(() => ({ ...defaults(languages), ...read(storage) }));
  store.subscribe((settings) => storage?.setItem(KEY, JSON.stringify(settings)));
  return store;
}

function defaults(languages: readonly string[]): Settings {
  const known = languages.map((tag) => tag.slice(0, 2)).find((tag) => tag === "en" || tag === "ko" || tag === "zh");
  return { theme: "dark", language: known ?? "en", density: "compact" };
}

function read(storage: Storage | undefined): Partial<Settings> {
  try {
    return JSON.parse(storage?.getItem(KEY) ?? "{}") as Partial<Settings>;
  } catch {
    return {}; // written by another version: the defaults do
  }
}
