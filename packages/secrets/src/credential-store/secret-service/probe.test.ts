import { afterAll, expect, test } from "bun:test";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { busSockets } from "./address.ts";
import { decodeMessage, encodeCall } from "./message.ts";
import { probeSecretService } from "./probe.ts";

const folder = mkdtempSync(join(tmpdir(), "carapace-bus-"));
afterAll(() => rmSync(folder, { recursive: true }));
let count = 0;

/** A bus that answers each piece it gets with what the test says; one connection at a time. */
function listen(answer: (got: string, index: number) => string | Uint8Array | "end"): Disposable & {
  readonly env: Record<string, string>;
} {
  count += 1;
  const path = join(folder, `bus-${count}`);
  let index = 0;
  const server = Bun.listen({
    unix: path,
    socket: {
      data(socket, bytes) {
        const reply = answer(bytes.toString("latin1"), index++);
        if (reply === "end") socket.end();
        else socket.write(reply);
      },
    },
  });
  return {
    env: { DBUS_SESSION_BUS_ADDRESS: `unix:path=${path}` },
    [Symbol.dispose]: () => server.stop(true),
  };
}

test.each([
  [{}, []],
  [{ XDG_RUNTIME_DIR: "/run/user/1" }, ["/run/user/1/bus"]],
  [{ DBUS_SESSION_BUS_ADDRESS: "unix:path=/tmp/a%20b,guid=1" }, ["/tmp/a b"]],
  [{ DBUS_SESSION_BUS_ADDRESS: "unix:abstract=/tmp/x,guid=1;unix:path=/y" }, ["\0/tmp/x", "/y"]],
  [{ DBUS_SESSION_BUS_ADDRESS: "tcp:host=10.0.0.1,port=1", XDG_RUNTIME_DIR: "/run/user/1" }, []],
  [{ DBUS_SESSION_BUS_ADDRESS: "autolaunch:" }, []],
  [{ DBUS_SESSION_BUS_ADDRESS: "unix:path=" }, []],
])("the bus of %p is looked for at %p", (env, sockets) => {
  expect(busSockets(env)).toEqual(sockets);
});

test("without a bus, or with nobody behind its address, there is no Secret Service", async () => {
  expect(await probeSecretService({}, 1000)).toMatchObject({ kind: "absent" });
  const env = { DBUS_SESSION_BUS_ADDRESS: `unix:path=${join(folder, "nobody")}` };
  expect(await probeSecretService(env, 1000)).toMatchObject({ kind: "absent" });
});

test("a bus that never answers is silent, after the time it was given", async () => {
  for (const answer of [() => "", (_: string, index: number) => (index === 0 ? "OK 12\r\n" : "")]) {
    using bus = listen(answer);
    expect(await probeSecretService(bus.env, 100)).toEqual({ kind: "silent" });
  }
});

test.each([
  ["refuses", () => "REJECTED EXTERNAL\r\n"],
  ["hangs up", () => "end" as const],
  ["sends garbage", (_: string, index: number) => (index === 0 ? "OK 1\r\n" : "x".repeat(64))],
  ["sends without end", () => "x".repeat(100_000)],
  [
    "claims a message of four gigabytes",
    (_: string, index: number) =>
      index === 0 ? "OK 1\r\n" : new Uint8Array([0x6c, 2, 0, 1, 255, 255, 255, 255, 1, 0, 0, 0, 0, 0, 0, 0]),
  ],
])("a bus that %s is no Secret Service", async (_what, answer) => {
  using bus = listen(answer);
  expect(await probeSecretService(bus.env, 2000)).toMatchObject({ kind: "absent" });
});

/** An answer to a call: no body, so shorter than what is asked for. */
function emptyReply(serial: number): Uint8Array {
  return new Uint8Array([0x6c, 2, 1, 1, 0, 0, 0, 0, 1, 0, 0, 0, 8, 0, 0, 0, 5, 1, 0x75, 0, serial, 0, 0, 0]);
}

/** An error in the place of an answer. */
function errorReply(serial: number, name: string): Uint8Array {
  const text = Buffer.from(`${name}\0`);
  const fields = Buffer.concat([
    Buffer.of(5, 1, 0x75, 0, serial, 0, 0, 0),
    Buffer.of(4, 1, 0x73, 0, text.length - 1, 0, 0, 0),
    text,
  ]);
  const head = Buffer.of(0x6c, 3, 1, 1, 0, 0, 0, 0, 1, 0, 0, 0, fields.length, 0, 0, 0);
  return Buffer.concat([head, fields, Buffer.alloc(-fields.length & 7)]);
}

test.each([
  ["org.freedesktop.DBus.Error.NoReply", "silent"],
  ["org.freedesktop.DBus.Error.TimedOut", "silent"],
  ["org.freedesktop.DBus.Error.ServiceUnknown", "absent"],
  ["org.freedesktop.DBus.Error.AccessDenied", "absent"],
])("a bus that answers %s for the service says that it is %s", async (name, kind) => {
  using bus = listen((got, index) => {
    if (index === 0) return "OK 1\r\n";
    if (got.includes("ReadAlias")) return errorReply(2, name);
    return got.includes("Hello") ? emptyReply(1) : "";
  });
  expect(await probeSecretService(bus.env, 2000)).toMatchObject({ kind });
});

test("a service that answers with nothing in it is no Secret Service", async () => {
  using bus = listen((got, index) => {
    if (index === 0) return "OK 1\r\n";
    if (got.includes("ReadAlias")) return emptyReply(2);
    return got.includes("Hello") ? emptyReply(1) : "";
  });
  expect(await probeSecretService(bus.env, 2000)).toEqual({
    kind: "absent",
    why: "the Secret Service makes no sense",
  });
});

test("a call is encoded as the specification has it", () => {
  const call = { serial: 1, destination: "a.b", path: "/", interface: "a.b", member: "M", strings: ["x"] };
  const bytes = encodeCall(call);
  expect(bytes.subarray(0, 16).toString("hex")).toBe("6c010001060000000100000047000000");
  expect(bytes.length % 8).toBe(6);
  expect(decodeMessage(bytes, 1000)).toMatchObject({ length: bytes.length, message: { kind: "other" } });
});

test("bytes that are no message never throw", () => {
  let seed = 7;
  const next = (): number => {
    seed = (Math.imul(seed, 1103515245) + 12345) >>> 0;
    return seed >>> 16;
  };
  for (let round = 0; round < 3000; round += 1) {
    const bytes = Buffer.from(Array.from({ length: next() % 120 }, () => next() & 255));
    if (bytes.length > 3) bytes.set([0x6c, 2 + (next() & 1), 0, 1]);
    if (bytes.length > 15) bytes.writeUInt32LE(next() % 64, 12);
    if (bytes.length > 7) bytes.writeUInt32LE(next() % 64, 4);
    expect(() => decodeMessage(bytes, 65_536)).not.toThrow();
  }
});
