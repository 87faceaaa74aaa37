import { type TabsStore } from "./tabs";

/** Calls back when the document in front changes, or another one comes to the front. */
export function onDocument(tabs: TabsStore, changed: () => void): () => void {
  let watched = tabs.current().document;
  let file = watched.getState().file;
  const look = (): void => {
    const next = watched.getState().file;
    if (next === file) return;
    file = next;
    changed();
  };
  let stop = watched.subscribe(look);
  const stopTabs = tabs.subscribe(() => {
    const { document } = tabs.current();
    if (document === watched) return;
    stop();
    watched = document;
    stop = watched.subscribe(look);
    look();
  });
  return () => {
    stop();
    stopTabs();
  };
}
