import { connect, type Socket } from "bun";
import { type BusCall, type BusMessage, decodeMessage, encodeCall } from "./message.ts";

const busName = "org.freedesktop.DBus";
const maxBytes = 65_536;

/** A connection to a message bus, for a few calls. */
export interface Bus extends Disposable {
  /** @throws BusError */
  call(call: Omit<BusCall, "serial">): Promise<BusMessage>;
}

/** The bus is not there, ended, or speaks something else; `name` of an error reply, if it was one. */
export class BusError extends Error {
  readonly reply: string | undefined;

  constructor(say: string, reply?: string) {
    super(say);
    this.name = "BusError";
    this.reply = reply;
  }
}

/**
 * Connects and introduces itself (D-Bus specification, "Authentication Protocol", mechanism EXTERNAL).
 * @throws BusError if nobody listens, or who listens does not let us in
 */
export async function openBus(path: string, signal: AbortSignal): Promise<Bus> {
  const line = await Line.open(path, signal);
  try {
    line.send(`\0AUTH EXTERNAL ${Buffer.from(String(process.getuid?.() ?? 0)).toString("hex")}\r\n`);
    if (!(await line.text()).startsWith("OK ")) throw new BusError("the message bus does not let us in");
    line.send("BEGIN\r\n");
    const calls = new Calls(line);
    const own = { destination: busName, path: "/org/freedesktop/DBus", interface: busName };
    await calls.call({ ...own, member: "Hello" });
    return { call: (call) => calls.call(call), [Symbol.dispose]: () => line.close() };
  } catch (error) {
    line.close();
    throw error;
  }
}

class Calls {
  readonly #line: Line;
  #serial = 0;

  constructor(line: Line) {
    this.#line = line;
  }

  async call(call: Omit<BusCall, "serial">): Promise<BusMessage> {
    this.#serial += 1;
    const serial = this.#serial;
    this.#line.send(encodeCall({ ...call, serial }));
    for (;;) {
      const message = await this.#line.message();
      // Signals come in between.
      if (message.replyTo !== serial) continue;
      if (message.kind === "return") return message;
      throw new BusError(`${call.member} failed: ${message.error}`, message.error);
    }
  }
}

/** Bytes as they come, given out as lines of text or as messages. One waits at a time. */
class Line {
  #bytes: Buffer = Buffer.alloc(0);
  #failure: BusError | undefined;
  #wake: () => void = () => undefined;
  #socket: Socket | undefined;

  static async open(path: string, signal: AbortSignal): Promise<Line> {
    const line = new Line();
    const late = Promise.withResolvers<void>();
    const abort = (): void => {
      line.#fail("the message bus did not answer in time");
      late.resolve();
    };
    if (signal.aborted) abort();
    else signal.addEventListener("abort", abort, { once: true });
    await Promise.race([line.#connect(path), late.promise]);
    if (line.#failure !== undefined) throw line.#failure;
    return line;
  }

  async #connect(path: string): Promise<void> {
    try {
      this.#socket = await connect({
        unix: path,
        socket: {
          data: (_socket, chunk) => this.#add(chunk),
          error: (_socket, error) => this.#fail(error.message),
          close: () => this.#fail("the message bus ended the connection"),
        },
      });
      if (this.#failure !== undefined) this.#socket.terminate();
    } catch {
      this.#fail("nobody listens at the message bus");
    }
  }

  send(data: string | Buffer): void {
    // A few hundred bytes at most: they fit the socket's buffer.
    this.#socket?.write(data);
  }

  async text(): Promise<string> {
    return await this.#next(() => {
      const end = this.#bytes.indexOf("\r\n");
      return end < 0 ? undefined : this.#take(end + 2).toString("latin1", 0, end);
    });
  }

  async message(): Promise<BusMessage> {
    return await this.#next(() => {
      const decoded = decodeMessage(this.#bytes, maxBytes);
      if (decoded === "broken") throw new BusError("the message bus sent something else than messages");
      if (decoded === undefined) return undefined;
      this.#take(decoded.length);
      return decoded.message;
    });
  }

  close(): void {
    this.#socket?.terminate();
  }

  async #next<T>(read: () => T | undefined): Promise<T> {
    for (;;) {
      const value = read();
      if (value !== undefined) return value;
      if (this.#failure !== undefined) throw this.#failure;
      const more = Promise.withResolvers<void>();
      this.#wake = more.resolve;
      await more.promise;
    }
  }

  #take(length: number): Buffer {
    const taken = this.#bytes.subarray(0, length);
    this.#bytes = this.#bytes.subarray(length);
    return taken;
  }

  #add(chunk: Buffer): void {
    this.#bytes = Buffer.concat([this.#bytes, chunk]);
    if (this.#bytes.length > maxBytes) this.#fail("the message bus sent too much");
    this.#wake();
  }

  #fail(say: string): void {
    this.#failure ??= new BusError(say);
    this.#socket?.terminate();
    this.#wake();
  }
}
