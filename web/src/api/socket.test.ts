import { afterEach, beforeEach, describe, expect, it, vi } from "vitest";
import { type Preview, type ServerEvent, readPreview } from "./events";
import { type Connection, openSocket, pauseBefore } from "./socket";

class FakeSocket {
  binaryType = "";
  readyState = 0;
  private readonly hearers: Record<string, (event: { data: unknown }) => void> = {};
  constructor(readonly url: string) {}
  addEventListener(kind: string, hearer: (event: { data: unknown }) => void): void {
    this.hearers[kind] = hearer;
  }
  brings(data: unknown): void {
    this.hearers["message"]?.({ data });
  }
  opens(): void {
    this.readyState = 1;
    this.hearers["open"]?.({ data: undefined });
  }
  says(told: object): void {
    this.brings(JSON.stringify(told));
  }
  breaks(): void {
    this.readyState = 3;
    this.hearers["close"]?.({ data: undefined });
  }
  close(): void {
    this.breaks();
  }
}

function listening() {
  const sockets: FakeSocket[] = [];
  const events: ServerEvent[] = [];
  const previews: Preview[] = [];
  const connections: Connection[] = [];
  const socket = openSocket(
    {
      onEvent: (event) => events.push(event),
      onPreview: (preview) => previews.push(preview),
      onConnection: (connection) => connections.push(connection),
    },
    {
      url: () => "ws://here/events",
      random: () => 1,
      open: (url) => {
        const made = new FakeSocket(url);
        sockets.push(made);
        return made as unknown as WebSocket;
      },
    },
  );
  expect(sockets).toEqual([]); // as long as nobody asks
  socket.retry();
  const last = (): FakeSocket => sockets.at(-1) as FakeSocket;
  return { socket, sockets, events, previews, connections, last };
}

function frame(header: object, picture: Uint8Array): ArrayBuffer {
  const head = new TextEncoder().encode(JSON.stringify(header));
  const bytes = new Uint8Array(4 + head.length + picture.length);
  new DataView(bytes.buffer).setUint32(0, head.length);
  bytes.set(head, 4);
  bytes.set(picture, 4 + head.length);
  return bytes.buffer;
}

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

describe("the connection", () => {
  it("goes on after the last event it has heard, binary ones included", () => {
    const { last } = listening();
    expect(last().url).toBe("ws://here/events");
    last().opens();
    last().says({ event: "queue-changed", epoch: "a/b", seq: 4 });
    last().brings(frame({ event: "step-preview", run: "1", step: "s", mime: "image/png", epoch: "a/b", seq: 5 }, new Uint8Array(3)));
    last().breaks();
    vi.advanceTimersByTime(500);
    expect(last().url).toBe("ws://here/events?epoch=a%2Fb&since=5");
  });

  it("waits longer each time, at most ten seconds, and starts short again once it was live", () => {
    const { sockets, last, connections } = listening();
    for (const pause of [500, 1000, 2000, 4000, 8000, 10_000, 10_000]) {
      last().breaks();
      const before = sockets.length;
      vi.advanceTimersByTime(pause - 1);
      expect(sockets).toHaveLength(before);
      vi.advanceTimersByTime(1);
      expect(sockets).toHaveLength(before + 1);
    }
    last().opens();
    expect(connections.at(-1)).toBe("live");
    last().breaks();
    const before = sockets.length;
    vi.advanceTimersByTime(500);
    expect(sockets).toHaveLength(before + 1);
    expect(pauseBefore(0, 0)).toBe(375);
  });

  it("tries at once when asked, and hears nothing of the connection it left", () => {
    const { socket, sockets, last, events } = listening();
    const stale = last();
    stale.breaks();
    socket.retry();
    expect(sockets).toHaveLength(2);
    stale.says({ event: "queue-changed", epoch: "a", seq: 1 });
    expect(events).toHaveLength(0);
    vi.advanceTimersByTime(20_000);
    expect(sockets).toHaveLength(2);
  });

  it("stays closed once it is closed", () => {
    const { socket, sockets } = listening();
    socket.close();
    vi.advanceTimersByTime(60_000);
    expect(sockets).toHaveLength(1);
  });

  it("passes over what is no event", () => {
    const { last, events } = listening();
    last().brings("no JSON");
    last().brings("[1]");
    last().brings(new ArrayBuffer(2));
    expect(events).toHaveLength(0);
  });
});

describe("a preview frame", () => {
  it("is a header and a picture", async () => {
    const found = readPreview(frame({ event: "step-preview", run: "7", step: "denoise", mime: "image/png", epoch: "e", seq: 2 }, new Uint8Array([1, 2, 3])));
    expect(found).toMatchObject({ run: "7", step: "denoise", seq: 2 });
    expect(found?.picture.type).toBe("image/png");
    expect([...new Uint8Array(await (found?.picture ?? new Blob()).arrayBuffer())]).toEqual([1, 2, 3]);
  });

  it("is nothing when it lies about its length", () => {
    const bytes = new ArrayBuffer(8);
    new DataView(bytes).setUint32(0, 4000);
    expect(readPreview(bytes)).toBeUndefined();
  });
});
