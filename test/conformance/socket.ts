import { isRecord } from "@carapace/protocol";

export interface Frame {
  readonly [key: string]: unknown;
}

/** A bare WebSocket with an inbox: what a trace replays through. */
export interface TraceSocket extends AsyncDisposable {
  send(frame: unknown): void;
  /** The next frame that fits, taken out of the inbox; others stay. Fails after `timeoutMs` or when the socket closed. */
  next(fits: (frame: Frame) => boolean, timeoutMs?: number): Promise<Frame>;
  readonly closed: Promise<{ code: number; reason: string }>;
}

export async function openSocket(url: string, headers: Record<string, string> = {}): Promise<TraceSocket> {
  const inbox: Frame[] = [];
  const arrivals = new Set<() => void>();
  const socket = new WebSocket(url, { headers });
  const { promise: closed, resolve: close } = Promise.withResolvers<{ code: number; reason: string }>();
  let isClosed = false;
  const wake = (): void => {
    for (const arrival of [...arrivals]) arrival();
  };
  socket.onmessage = (event) => {
    const frame: unknown = JSON.parse(String(event.data));
    if (isRecord(frame)) inbox.push(frame);
    wake();
  };
  socket.onclose = (event) => {
    isClosed = true;
    close({ code: event.code, reason: event.reason });
    wake();
  };
  await new Promise<void>((resolve, reject) => {
    socket.onopen = () => resolve();
    socket.onerror = () => reject(new Error(`no connection to ${url}`));
  });
  return {
    closed,
    send: (frame) => socket.send(typeof frame === "string" ? frame : JSON.stringify(frame)),
    next: (fits, timeoutMs = 5_000) =>
      new Promise((resolve, reject) => {
        const finish = (action: () => void): void => {
          clearTimeout(timer);
          arrivals.delete(look);
          action();
        };
        const timer = setTimeout(
          () =>
            finish(() => reject(new Error(`no such frame; inbox: ${JSON.stringify(inbox).slice(0, 500)}`))),
          timeoutMs,
        );
        const look = (): void => {
          const index = inbox.findIndex(fits);
          if (index >= 0) finish(() => resolve(inbox.splice(index, 1)[0] ?? {}));
          else if (isClosed) finish(() => reject(new Error("the socket closed first")));
        };
        arrivals.add(look);
        look();
      }),
    async [Symbol.asyncDispose]() {
      socket.close();
      await closed;
    },
  };
}
