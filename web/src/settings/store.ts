/** How the page looks and speaks; kept in this browser. */

import { type StoreApi, createStore } from "zustand/vanilla";
import { type Language } from "../i18n/define";

/** What each setting may be; the first is what a new page starts with. */
export const CHOICES = {
  theme: ["dark", "light", "contrast", "system"],
  language: ["en", "ko", "zh"],
  density: ["compact", "comfortable"],
  motion: ["system", "reduced"],
  snap: [true, false],
  autosave: [true, false],
} as const;

export interface Settings {
  theme: (typeof CHOICES.theme)[number];
  language: Language;
  density: (typeof CHOICES.density)[number];
  motion: (typeof CHOICES.motion)[number];
  /** Nodes come to lie on the grid. */
  snap: boolean;
  /** Changes are kept without being asked to. */
  autosave: boolean;
}

export type SettingsStore = StoreApi<Settings>;

const KEY = "latentgraph.settings";

export function createSettings(storage: Storage | undefined, languages: readonly string[]): SettingsStore {
  const store = createStore<Settings>(() => ({ ...defaults(languages), ...read(storage) }));
  store.subscribe((settings) => keep(storage, settings));
  return store;
}

function defaults(languages: readonly string[]): Settings {
  const known = languages.map((tag) => tag.slice(0, 2)).find((tag) => CHOICES.language.some((name) => name === tag));
  // `find` looked it up among the languages.
  const language = (known ?? "en") as Language;
  return { theme: "dark", language, density: "compact", motion: "system", snap: true, autosave: true };
}

/** What was kept, as far as this version knows it. */
function read(storage: Storage | undefined): Partial<Settings> {
  const kept = parse(storage?.getItem(KEY));
  const known = Object.entries(CHOICES).filter(([name, choices]) => choices.some((choice) => choice === kept[name]));
  return Object.fromEntries(known.map(([name]) => [name, kept[name]]));
}

function parse(text: string | null | undefined): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text ?? "{}");
    return typeof value === "object" && value !== null ? { ...value } : {};
  } catch {
    return {}; // not written by us: the defaults do
  }
}

function keep(storage: Storage | undefined, settings: Settings): void {
  try {
    storage?.setItem(KEY, JSON.stringify(settings));
  } catch {
    // No room, or not allowed: the page works, and forgets.
  }
}
