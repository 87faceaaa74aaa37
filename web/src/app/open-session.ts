import { createApi } from "../api/client";
import { createCanvas } from "../canvas/store";
import { createCatalog } from "../catalog/store";
import { createCheck } from "../check/store";
import { createTabs } from "../document/tabs";
import { createPlan } from "../plan/store";
import { createRunStore } from "../run/store";
import { type Session } from "../session";
import { createSettings } from "../settings/store";
import { openDesk } from "./desk";
import { createUi } from "./ui-store";

export function openSession(): Session {
  const tabs = createTabs();
  const api = createApi();
  const run = createRunStore();
  const settings = createSettings(window.localStorage, navigator.languages);
  return {
    api,
    catalog: createCatalog(),
    tabs,
    run,
    check: createCheck(),
    plan: createPlan(),
    canvas: createCanvas(),
    ui: createUi(),
    settings,
    desk: openDesk(api, tabs, run, settings),
    get document() {
      return tabs.current().document;
    },
  };
}
