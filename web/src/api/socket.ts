/** The one connection that tells what happens: it comes back by itself and goes on where it was. */

import { type Preview, type ServerEvent, readEvent, readPreview } from "./events";

export type Connection = "connecting" | "live" | "lost";

export interface Hearing {
  onEvent(event: ServerEvent): void;
  onPreview(preview: Preview): void;
  onConnection(connection: Connection): void;
}

export interface Surroundings {
  open(url: string): WebSocket;
  url(): string;
  random(): number;
}

export interface Socket {
  /** Try now instead of at the end of the pause. */
  retry(): void;
  close(): void;
}

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 10_000;

/** How long to wait before attempt `attempt` (from 0): doubled each time, spread so that tabs do not come in step. */
export function pauseBefore(attempt: number, random: number): number {
  const full = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** attempt);
  return full * (0.75 + 0.25 * random);
}

const BROWSER: Surroundings = {
  open: (url) => new WebSocket(url),
  url: () => `${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/api/v1/events`,
  random: Math.random,
};

export function openSocket(hearing: Hearing, around: Surroundings = BROWSER): Socket {
  let seen: { epoch: string; seq: number } | undefined;
  let socket: WebSocket | undefined;
  let timer: ReturnType<typeof setTimeout> | undefined;
  let attempt = 0;
  let closed = false;

  const hear = (data: unknown): void => {
    const told = typeof data === "string" ? readEvent(data) : data instanceof ArrayBuffer ? readPreview(data) : undefined;
    if (!told) return;
    seen = { epoch: told.epoch, seq: told.seq };
    if ("picture" in told) hearing.onPreview(told);
    else hearing.onEvent(told);
  };

  const connect = (): void => {
    clearTimeout(timer);
    const since = seen ? `?epoch=${encodeURIComponent(seen.epoch)}&since=${seen.seq}` : "";
    const opened = around.open(around.url() + since);
    socket = opened;
    opened.binaryType = "arraybuffer";
    opened.addEventListener("open", () => {
      attempt = 0;
      hearing.onConnection("live");
    });
    opened.addEventListener("message", ({ data }) => {
      if (socket === opened) hear(data);
    });
    opened.addEventListener("close", () => {
      if (closed || socket !== opened) return;
      hearing.onConnection("lost");
      timer = setTimeout(connect, pauseBefore(attempt++, around.random()));
    });
  };

  return {
    // Also the first time: as long as the door is shut there is nothing to hear.
    retry: () => {
      const isOver = socket === undefined || socket.readyState >= 2; // closing or closed
      if (!isOver || closed) return;
      const stale = socket;
      attempt = 0;
      connect();
      stale?.close();
    },
    close: () => {
      closed = true;
      clearTimeout(timer);
      socket?.close();
    },
  };
}
