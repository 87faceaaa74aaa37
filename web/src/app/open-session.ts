import { createApi } from "../api/client";
import { createCatalog } from "../catalog/store";
import { createTabs } from "../document/tabs";
import { createRunStore } from "../run/store";
import { type Session } from "../session";
import { createSettings } from "../settings/store";
import { createUi } from "./ui-store";

export function openSession(): Session {
  const tabs = createTabs();
  return {
    api: createApi(),
    catalog: createCatalog(),
    tabs,
    run: createRunStore(),
    ui: createUi(),
    settings: createSettings(window.localStorage, navigator.languages),
    get document() {
      return tabs.current().document;
    },
  };
}
