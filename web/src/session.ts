/** Everything a page works with, made once in `main.tsx` and handed down: no module holds state. */

import { createContext, useContext, useSyncExternalStore } from "react";
import { type Api } from "./api/client";
import { type Desk } from "./app/desk";
import { type UiStore } from "./app/ui-store";
import { type CanvasStore } from "./canvas/store";
import { type CatalogStore } from "./catalog/store";
import { type CheckStore } from "./check/store";
import { type DocumentState, type DocumentStore } from "./document/store";
import { type TabsStore } from "./document/tabs";
import { type PlanStore } from "./plan/store";
import { type RunStore } from "./run/store";
import { type SettingsStore } from "./settings/store";

export interface Session {
  api: Api;
  catalog: CatalogStore;
  tabs: TabsStore;
  run: RunStore;
  check: CheckStore;
  plan: PlanStore;
  canvas: CanvasStore;
  ui: UiStore;
  settings: SettingsStore;
  desk: Desk;
  /** The document of the tab in front. */
  readonly document: DocumentStore;
}

export const SessionContext = createContext<Session | undefined>(undefined);

export function useSession(): Session {
  const session = useContext(SessionContext);
  if (!session) throw new Error("no session above this component");
  return session;
}

/** A part of the document in front; `select` must give back the same reference for the same file. */
export function useDocument<T>(select: (state: DocumentState) => T): T {
  const { tabs } = useSession();
  const subscribe = (changed: () => void): (() => void) => {
    let stop = tabs.current().document.subscribe(changed);
    const stopTabs = tabs.subscribe(() => {
      stop();
      stop = tabs.current().document.subscribe(changed);
      changed();
    });
    return () => {
      stop();
      stopTabs();
    };
  };
  return useSyncExternalStore(subscribe, () => select(tabs.current().document.getState()));
}
