import { createApi } from "../api/client";
import { createCanvas } from "../canvas/store";
import { createCatalog } from "../catalog/store";
import { createCheck } from "../check/store";
import { createTabs } from "../document/tabs";
import { createPlan } from "../plan/store";
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
    check: createCheck(),
    plan: createPlan(),
    canvas: createCanvas(),
    ui: createUi(),
    settings: createSettings(window.localStorage, navigator.languages),
    get document() {
      return tabs.current().document;
    },
  };
}
