/** A shelf in IndexedDB. A browser that has none (or refuses) keeps nothing, and the page works all the same. */

import { type KeptWindow, type Shelf } from "./shelter";

const NAME = "latentgraph";
const WINDOWS = "windows";

export function browserShelf(): Shelf {
  const opened = open();
  const ask = async <T>(mode: IDBTransactionMode, make: (store: IDBObjectStore) => IDBRequest<T>): Promise<T> => {
    const database = await opened;
    return answer(make(database.transaction(WINDOWS, mode, { durability: "strict" }).objectStore(WINDOWS)));
  };
  return {
    all: () => ask("readonly", (store) => store.getAll() as IDBRequest<KeptWindow[]>),
    put: async (kept) => void (await ask("readwrite", (store) => store.put(kept))),
    remove: async (window) => void (await ask("readwrite", (store) => store.delete(window))),
  };
}

function open(): Promise<IDBDatabase> {
  const request = indexedDB.open(NAME, 1);
  request.addEventListener("upgradeneeded", () => request.result.createObjectStore(WINDOWS, { keyPath: "window" }));
  const opened = answer(request);
  opened.catch(() => undefined); // whoever asks is told
  return opened;
}

function answer<T>(request: IDBRequest<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    request.addEventListener("success", () => resolve(request.result));
    request.addEventListener("error", () => reject(request.error ?? new Error("IndexedDB")));
  });
}
