/** Keeps the open workflows of this window in the browser, so that no crash, reload or dead server loses work.
 *
 * In IndexedDB and not among the server's drafts: it must work while the server is away, and two
 * windows must not overwrite each other's. A window whose lock nobody holds any more has gone.
 */

import { type TabsStore, isDirty } from "../document/tabs";
import { readText, writeText } from "../document/text";

export interface KeptTab {
  id: string;
  name?: string;
  etag?: string;
  text: string;
  /** What was read; absent where it is the text itself. */
  sourceText?: string;
  dirty: boolean;
}

export interface KeptWindow {
  window: string;
  at: number;
  active: string;
  tabs: KeptTab[];
}

/** Where windows are kept; tests keep them in memory. */
export interface Shelf {
  all(): Promise<KeptWindow[]>;
  put(kept: KeptWindow): Promise<void>;
  remove(window: string): Promise<void>;
}

const PAUSE_MS = 800;
const OLDEST_MS = 30 * 24 * 3600 * 1000;

export function keptTabs(tabs: TabsStore): KeptTab[] {
  return tabs.getState().tabs.map(({ id, name, etag, source, savedRevision, document }) => {
    const { file, revision } = document.getState();
    const text = writeText(file, source);
    const dirty = isDirty({ id, savedRevision, document }, revision);
    return { id, name, etag, text, dirty, ...(source && source.text !== text && { sourceText: source.text }) };
  });
}

export function restore(tabs: TabsStore, kept: KeptWindow): void {
  for (const { id, name, etag, text, sourceText, dirty } of kept.tabs) {
    try {
      const { file } = readText(text);
      const written = sourceText ?? (name === undefined ? undefined : text);
      const source = written === undefined ? undefined : readText(written).source;
      const tab = tabs.open({ id, file, name, etag, source });
      if (dirty) tabs.update(tab.id, { savedRevision: -1 });
    } catch {
      continue; // written by a version we no longer read: the others are worth having
    }
  }
  if (tabs.getState().tabs.some(({ id }) => id === kept.active)) tabs.activate(kept.active);
}

/** Chooses what a window gets back: its own, else the newest that is worth it of those that have gone. */
export function choose(all: readonly KeptWindow[], own: string, alive: ReadonlySet<string>): KeptWindow | undefined {
  const mine = all.find(({ window }) => window === own);
  if (mine) return mine;
  return all
    .filter(({ window, tabs }) => !alive.has(window) && tabs.some(({ dirty, name }) => dirty || name !== undefined))
    .toSorted((a, b) => b.at - a.at)[0];
}

export interface Shelter {
  /** Writes now what has not been written. */
  flush(): Promise<void>;
  close(): void;
}

export async function takeShelter(tabs: TabsStore, shelf: Shelf, own: string, alive: ReadonlySet<string>, now: () => number = Date.now, isWanted: () => boolean = () => true): Promise<{ shelter: Shelter; found?: KeptWindow }> {
  const all = await shelf.all().catch(() => []);
  const found = choose(all, own, alive);
  if (found) restore(tabs, found);
  const gone = all.filter(({ window, at }) => !alive.has(window) && (window === found?.window || now() - at > OLDEST_MS));
  const shelter = keep(tabs, shelf, own, now, isWanted);
  if (found && found.window !== own) await shelter.flush();
  await Promise.all(gone.filter(({ window }) => window !== own).map(({ window }) => shelf.remove(window)));
  return { shelter, found };
}

function keep(tabs: TabsStore, shelf: Shelf, own: string, now: () => number, isWanted: () => boolean): Shelter {
  let timer: ReturnType<typeof setTimeout> | undefined;
  let stops: (() => void)[] = [];
  const flush = async (): Promise<void> => {
    clearTimeout(timer);
    timer = undefined;
    if (!isWanted()) return shelf.remove(own).catch(() => undefined); // nor what was kept before
    await shelf.put({ window: own, at: now(), active: tabs.getState().active, tabs: keptTabs(tabs) }).catch(() => undefined);
  };
  const changed = (): void => {
    timer ??= setTimeout(() => void flush(), PAUSE_MS);
  };
  const watch = (): void => {
    stops.forEach((stop) => stop());
    stops = tabs.getState().tabs.map(({ document }) => document.subscribe(changed));
  };
  watch();
  const stop = tabs.subscribe(() => {
    watch();
    void flush(); // a workflow that was just opened is kept at once; only typing waits for a pause
  });
  return {
    flush,
    close: () => {
      clearTimeout(timer);
      stop();
      stops.forEach((each) => each());
    },
  };
}
