/** Windows of this browser know of each other: which are there, what they have open, what they save. */

const WINDOW_LOCK = "latentgraph.window.";
const WORKFLOW_LOCK = "latentgraph.workflow.";
const CHANNEL = "latentgraph.saved";

/** This window's id: it stays over a reload. A duplicated tab has a copy of it, which the lock tells. */
export async function ownWindow(storage: Storage = sessionStorage): Promise<string> {
  const known = storage.getItem("latentgraph.window");
  if (known && (await takeSoon(WINDOW_LOCK + known))) return known;
  const own = crypto.randomUUID();
  storage.setItem("latentgraph.window", own);
  await take(WINDOW_LOCK + own);
  return own;
}

export async function aliveWindows(): Promise<Set<string>> {
  const { held = [] } = (await navigator.locks?.query()) ?? {};
  const names = held.map(({ name = "" }) => name).filter((name) => name.startsWith(WINDOW_LOCK));
  return new Set(names.map((name) => name.slice(WINDOW_LOCK.length)));
}

export interface Presence {
  /** Says which workflows are open here; `shared` is told of those that another window has open too. */
  holds(names: readonly string[]): void;
  saved(name: string, etag: string): void;
  close(): void;
}

export function openPresence(shared: (name: string, isShared: boolean) => void, savedElsewhere: (name: string) => void): Presence {
  const channel = typeof BroadcastChannel === "undefined" ? undefined : new BroadcastChannel(CHANNEL);
  const waits = new Map<string, AbortController>();
  channel?.addEventListener("message", ({ data }: MessageEvent<{ name: string }>) => savedElsewhere(data.name));
  const hold = (name: string): void => {
    const stop = new AbortController();
    waits.set(name, stop);
    void take(WORKFLOW_LOCK + name, stop.signal).then((got) => {
      if (got || stop.signal.aborted) return;
      shared(name, true);
      // Granted when the other window has closed it: the warning goes by itself.
      void navigator.locks
        .request(WORKFLOW_LOCK + name, { signal: stop.signal }, () => {
          shared(name, false);
          return until(stop.signal);
        })
        .catch(() => undefined);
    });
  };
  return {
    holds: (names) => {
      for (const [name, stop] of waits) {
        if (names.includes(name)) continue;
        stop.abort();
        waits.delete(name);
      }
      for (const name of names) if (!waits.has(name)) hold(name);
    },
    // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a channel is of one origin
    saved: (name, etag) => channel?.postMessage({ name, etag }),
    close: () => {
      for (const stop of waits.values()) stop.abort();
      channel?.close();
    },
  };
}

/** The page before a reload may hold its lock a moment longer; who holds that of a duplicated tab keeps it. */
async function takeSoon(name: string): Promise<boolean> {
  const [came] = performance.getEntriesByType("navigation");
  const isReload = came !== undefined && "type" in came && came.type === "reload";
  for (let tries = 0; tries < (isReload ? 80 : 5); tries += 1) {
    if (await take(name)) return true;
    await new Promise((resolve) => setTimeout(resolve, 120));
  }
  return false;
}

/** Takes a lock for as long as the page lives (or until the signal); false when another window has it. */
function take(name: string, signal?: AbortSignal): Promise<boolean> {
  if (!navigator.locks) return Promise.resolve(true);
  return new Promise((resolve) => {
    void navigator.locks.request(name, { ifAvailable: true }, (lock) => {
      resolve(lock !== null);
      return lock === null ? undefined : until(signal);
    });
  });
}

function until(signal: AbortSignal | undefined): Promise<void> {
  return new Promise((resolve) => {
    if (signal?.aborted) resolve();
    signal?.addEventListener("abort", () => resolve());
  });
}
