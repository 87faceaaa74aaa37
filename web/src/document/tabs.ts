/** The open workflows, and which one is in front. */

import { type StoreApi, createStore } from "zustand/vanilla";
import { type WorkflowFile, emptyFile } from "./model";
import { type DocumentStore, createDocument } from "./store";
import { type Source } from "./text";

export interface Tab {
  id: string;
  /** Its name in the server's library; absent until it is saved. */
  name?: string;
  /** The library's version this one started from, for `If-Match`. */
  etag?: string;
  /** The bytes it was read from, so that saving changes only what was changed. */
  source?: Source;
  /** The document's revision that is saved. */
  savedRevision: number;
  document: DocumentStore;
}

export interface TabsState {
  tabs: Tab[];
  active: string;
}

export interface Opening {
  /** Of a tab that is back after a reload; otherwise it gets its own. */
  id?: string;
  file: WorkflowFile;
  name?: string;
  etag?: string;
  source?: Source;
}

export interface TabsStore extends StoreApi<TabsState> {
  open(opening: Opening): Tab;
  close(id: string): void;
  activate(id: string): void;
  update(id: string, change: Partial<Omit<Tab, "id" | "document">>): void;
  current(): Tab;
}

function make(opening: Opening): Tab {
  return {
    id: opening.id ?? crypto.randomUUID(),
    name: opening.name,
    etag: opening.etag,
    source: opening.source,
    savedRevision: 0,
    document: createDocument(opening.file),
  };
}

export function createTabs(): TabsStore {
  const first = make({ file: emptyFile() });
  const store = createStore<TabsState>(() => ({ tabs: [first], active: first.id }));

  const open = (opening: Opening): Tab => {
    const tab = make(opening);
    const { tabs } = store.getState();
    store.setState({ tabs: [...tabs.filter((other) => !isUntouched(other)), tab], active: tab.id });
    return tab;
  };
  const close = (id: string): void => {
    const { tabs, active } = store.getState();
    const at = tabs.findIndex((tab) => tab.id === id);
    const rest = tabs.filter((tab) => tab.id !== id);
    const left = rest.length > 0 ? rest : [make({ file: emptyFile() })];
    const next = active === id ? (left[Math.min(at, left.length - 1)] ?? left[0]) : undefined;
    store.setState({ tabs: left, active: next?.id ?? active });
  };
  const current = (): Tab => {
    const { tabs, active } = store.getState();
    const tab = tabs.find(({ id }) => id === active) ?? tabs[0];
    if (!tab) throw new Error("there is always a tab");
    return tab;
  };
  const update: TabsStore["update"] = (id, change) =>
    store.setState(({ tabs }) => ({ tabs: tabs.map((tab) => (tab.id === id ? { ...tab, ...change } : tab)) }));

  return { ...store, open, close, current, update, activate: (id) => store.setState({ active: id }) };
}

export function isDirty(tab: Tab, revision: number): boolean {
  return revision !== tab.savedRevision;
}

/** An empty, unnamed tab gives way to what is opened. */
function isUntouched(tab: Tab): boolean {
  const { file, revision } = tab.document.getState();
  return revision === 0 && tab.name === undefined && Object.keys(file.nodes).length === 0;
}
