/** Keeps the run store true: hears the socket, and asks for what the socket does not tell. */

import { type Api } from "../api/client";
import { type Preview, type RunEvent, type ServerEvent } from "../api/events";
import { type Hearing, type Socket, openSocket } from "../api/socket";
import { PreviewUrls } from "./previews";
import { reduce, withPreview, withRuns } from "./reduce";
import { type RunStore, type RunSummary, hasEnded } from "./store";
import { storySteps } from "./story";

const PAGE = 200;
const MOST_PAGES = 60;

function openIn(runs: RunStore): number {
  return Object.values(runs.getState().runs).filter((run) => !hasEnded(run)).length;
}

export interface Live {
  retry(): void;
  /** Loads the next older page of the history; false when there is none. */
  older(): Promise<boolean>;
  close(): void;
}

export function startLive(api: Api, runs: RunStore, open: (hearing: Hearing) => Socket = openSocket): Live {
  const urls = new PreviewUrls();
  const told = new Set<string>();
  let oldest: string | null | undefined;

  const show = ({ run, step }: Pick<Preview, "run" | "step">, url: string): void => {
    const known = runs.getState().runs[run];
    if (known && hasEnded(known)) return;
    runs.setState((state) => withPreview(state, run, step, url), true);
  };

  const onEvent = (event: ServerEvent): void => {
    runs.setState((state) => reduce(state, event, Date.now()), true);
    if (event.event === "snapshot") void complete(event.queue.queued + event.queue.running);
    if (event.event === "run-started") urls.drop(event.run, runs.getState().stepsOf[event.run] ?? {});
    urls.keepOnly(runs.getState().stepsOf);
  };

  /** A snapshot tells the newest runs only; those that wait may be older. */
  const complete = async (open: number): Promise<void> => {
    let before: string | undefined;
    for (let page = 0; openIn(runs) < open && page < MOST_PAGES; page += 1) {
      const { data } = await api.GET("/api/v1/runs", { params: { query: { limit: PAGE, ...(before && { before }) } } });
      if (!data) return;
      runs.setState((state) => withRuns(state, data.runs), true);
      if (!data.next) return;
      before = data.next;
    }
    await settle();
  };

  /** Runs we think open although a snapshot did not say so: they ended while nobody told us. */
  const settle = async (): Promise<void> => {
    const { runs: known, order } = runs.getState();
    const doubtful = order.map((id) => known[id]).filter((run): run is RunSummary => run !== undefined && !hasEnded(run));
    for (const { id } of doubtful) {
      const { data } = await api.GET("/api/v1/runs/{id}", { params: { path: { id } } }).catch(() => ({ data: undefined }));
      if (data) runs.setState((state) => withRuns(state, [data]), true);
    }
  };

  /** The current run may have been before this page was: its nodes, and what became of them, are asked for. */
  const lookUp = async (id: string): Promise<void> => {
    if (told.has(id)) return;
    told.add(id);
    const path = { params: { path: { id } } };
    try {
      if (!runs.getState().asked[id]) {
        const { data } = await api.GET("/api/v1/runs/{id}/workflow", path);
        const nodes = Object.keys((data?.workflow as { nodes?: object } | undefined)?.nodes ?? {});
        runs.setState((state) => withRuns({ ...state, asked: { [id]: nodes, ...state.asked } }, []), true);
      }
      const run = runs.getState().runs[id];
      if (!run || !hasEnded(run) || Object.keys(runs.getState().stepsOf[id] ?? {}).length > 0) return;
      const { data } = await api.GET("/api/v1/runs/{id}/story", path);
      // Events of a story are those of the socket, without the members that place them there.
      const events = (data?.events ?? []) as unknown as RunEvent[];
      runs.setState((state) => storySteps(state, run, events), true);
    } catch {
      told.delete(id); // not to be had now: asked again when it is looked at again
    }
  };

  const socket = open({
    onEvent,
    onPreview: (preview) => urls.show(preview, (url) => show(preview, url)),
    onConnection: (connection) => runs.setState({ connection }),
  });
  const stop = runs.subscribe(({ current }, before) => {
    if (current !== undefined && current !== before.current) void lookUp(current);
  });
  const retry = (): void => socket.retry();
  globalThis.addEventListener?.("online", retry);

  return {
    retry,
    older: async () => {
      if (oldest === null) return false;
      const before = oldest ?? runs.getState().order.at(-1);
      const { data } = await api.GET("/api/v1/runs", { params: { query: { limit: PAGE, ...(before && { before }) } } });
      if (!data) return true;
      oldest = data.next;
      runs.setState((state) => withRuns(state, data.runs), true);
      return oldest !== null;
    },
    close: () => {
      stop();
      globalThis.removeEventListener?.("online", retry);
      socket.close();
      urls.keepOnly({});
    },
  };
}
