/** What works beside the graph: runs that are heard of, workflows that are kept, what is looked at and painted. */

import { type Api } from "../api/client";
import { type TabsStore } from "../document/tabs";
import { onDocument } from "../document/watch";
import { type MaskStore, createMask } from "../mask/store";
import { follow } from "../run/follow";
import { type Live, startLive } from "../run/live";
import { type RunStore } from "../run/store";
import { type SettingsStore } from "../settings/store";
import { type ViewerStore, createViewer } from "../viewer/store";
import { translator } from "../i18n/t";
import { Files } from "../workflows/files";
import { runName } from "../workflows/name";
import { aliveWindows, openPresence, ownWindow } from "../workflows/presence";
import { browserShelf } from "../workflows/shelf";
import { takeShelter } from "../workflows/shelter";

export interface Desk {
  files: Files;
  live: Live;
  viewer: ViewerStore;
  mask: MaskStore;
  /** When the open workflows of before are back; tells whether there were any. */
  restored: Promise<boolean>;
}

export function openDesk(api: Api, tabs: TabsStore, run: RunStore, settings: SettingsStore): Desk {
  const say = (): ReturnType<typeof translator> => translator(settings.getState().language);
  const presence = openPresence(
    (name, isShared) => {
      const tab = tabs.getState().tabs.find((open) => open.name === name);
      if (tab) files.note(tab.id, isShared ? "open" : undefined);
    },
    (name) => void files.savedElsewhere(name, say()("files.savedElsewhere")).catch(() => undefined),
  );
  const files = new Files(tabs, undefined, presence.saved);

  const look = (): void => {
    const name = runName(tabs.current());
    if (run.getState().followed !== name) run.setState((state) => follow(state, name), true);
    presence.holds(tabs.getState().tabs.flatMap((tab) => tab.name ?? []));
  };
  tabs.subscribe(look);
  onDocument(tabs, look); // also when a title changes: runs are named by it
  look();

  return { files, viewer: createViewer(), mask: createMask(), live: startLive(api, run), restored: restoring(tabs, settings) };
}

async function restoring(tabs: TabsStore, settings: SettingsStore): Promise<boolean> {
  const own = await ownWindow();
  const { shelter, found } = await takeShelter(tabs, browserShelf(), own, await aliveWindows(), Date.now, () => settings.getState().autosave);
  settings.subscribe((now, before) => now.autosave !== before.autosave && void shelter.flush());
  // The last moment a page can count on: it may be frozen or ended after it.
  document.addEventListener("visibilitychange", () => document.visibilityState === "hidden" && void shelter.flush());
  window.addEventListener("pagehide", () => void shelter.flush());
  return found !== undefined;
}
