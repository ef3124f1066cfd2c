import { describe, expect, test } from "bun:test";
import { brotliCompressSync, constants, deflateSync, gzipSync, zstdCompressSync } from "node:zlib";
import { rawServer } from "../testing/index.ts";
import { FetchFault, type FetchOptions, guardedFetch, openFetch } from "./index.ts";

/** The servers of these tests stand on loopback, under a name. */
const here: FetchOptions = {
  schemes: ["http"],
  allowPrivate: true,
  resolve: async () => ["127.0.0.1"],
};

const ok = (body: string, ...headers: string[]) =>
  `HTTP/1.1 200 OK\r\n${headers.map((line) => `${line}\r\n`).join("")}\r\n${body}`;
const withBytes = (bytes: Uint8Array, ...headers: string[]) =>
  Buffer.concat([Buffer.from(ok("", `content-length: ${bytes.length}`, ...headers)), bytes]);

async function answerTo(answer: Parameters<typeof rawServer>[0], options: FetchOptions = {}) {
  await using server = await rawServer(answer);
  const result = await guardedFetch(`http://server.example:${server.port}/path?q=1`, { ...here, ...options });
  return { result, requests: server.requests };
}

async function textOf(answer: Parameters<typeof rawServer>[0], options: FetchOptions = {}) {
  const { result } = await answerTo(answer, options);
  return result.ok ? Buffer.from(result.value.bytes).toString() : result.reason;
}

describe("a request", () => {
  test("is what was asked for, with the name of its host, and without anything else", async () => {
    const { result, requests } = await answerTo(ok("hi", "content-length: 2", "X-Two: a", "x-two: b"), {
      method: "POST",
      headers: { Authorization: "Bearer t", "Content-Type": "text/plain" },
      body: "läuft",
    });
    expect(result).toMatchObject({ ok: true, value: { status: 200 } });
    if (result.ok) expect(result.value.headers.get("x-two")).toBe("a, b");
    const [head = "", body] = (requests[0] ?? "").split("\r\n\r\n");
    const [line, ...lines] = head.split("\r\n");
    expect(line).toBe("POST /path?q=1 HTTP/1.1");
    expect(lines.map((header) => header.toLowerCase()).sort()).toEqual([
      "accept-encoding: gzip, br",
      "authorization: bearer t",
      "connection: close",
      "content-length: 6",
      "content-type: text/plain",
      expect.stringMatching(/^host: server\.example:\d+$/),
      "user-agent: carapace",
    ]);
    expect(body).toBe(Buffer.from("läuft").toString("latin1"));
  });

  test.each<[Record<string, string>]>([
    [{ Host: "other.example" }],
    [{ "Content-Length": "5" }],
    [{ "transfer-encoding": "chunked" }],
    [{ connection: "keep-alive" }],
    [{ "proxy-authorization": "x" }],
    [{ upgrade: "h2c" }],
    [{ "x-a": "b\r\nx-c: d" }],
    [{ "x-a": "b\0" }],
    [{ "x-a": "\u0142" }],
    [{ "x a": "b" }],
    [{ "x:a": "b" }],
    [{ "": "b" }],
    [{ "X-A": "1", "x-a": "2" }],
    [{ "x-a": "b".repeat(40_000) }],
  ])("with the headers %j is not sent", async (headers) => {
    const { result, requests } = await answerTo(ok(""), { headers });
    expect(result).toMatchObject({ ok: false, reason: "invalid_headers" });
    expect(requests).toEqual([]);
  });

  test("goes to the next address of a name only while none could be reached", async () => {
    await using server = await rawServer(ok("hi"));
    const url = `http://server.example:${server.port}/`;
    const resolve = async () => ["127.0.0.9", "127.0.0.8", "127.0.0.1"];
    expect(await guardedFetch(url, { ...here, resolve })).toMatchObject({ ok: true });
    const refused = await guardedFetch(url, { ...here, resolve: async () => ["127.0.0.9"] });
    expect(refused).toMatchObject({ ok: false, reason: "unreachable", mayHaveArrived: false });
    await using cut = await rawServer((socket) => socket.destroy());
    const twice = async () => ["127.0.0.1", "127.0.0.1"];
    const broken = await guardedFetch(`http://server.example:${cut.port}/`, { ...here, resolve: twice });
    expect(broken).toMatchObject({ ok: false, mayHaveArrived: true });
    expect(cut.requests).toHaveLength(1);
  });

  test("leaves no connection behind, and uses none twice", async () => {
    await using server = await rawServer((socket) => socket.write(ok("hi", "content-length: 2")));
    for (let n = 0; n < 3; n++) await guardedFetch(`http://server.example:${server.port}/`, here);
    while (server.open() > 0) await new Promise(setImmediate);
    expect(server.requests).toHaveLength(3);
  });

  test.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY, 300_001])(
    "with a limit of %d ms is a mistake",
    (timeoutMs) =>
      expect(guardedFetch("https://example.com/", { timeoutMs })).rejects.toBeInstanceOf(RangeError),
  );
});

describe("an answer", () => {
  test.each([204, 304, 404, 500, 302])("with status %d is told as it is", async (status) => {
    const { result } = await answerTo(`HTTP/1.1 ${status} X\r\nlocation: /x\r\ncontent-length: 0\r\n\r\n`);
    expect(result).toMatchObject({ ok: true, value: { status } });
  });

  test.each<[string, string | Buffer]>([
    ["the end of the connection", ok("hello")],
    ["its length", ok("hello", "content-length: 5")],
    ["chunks", ok("3\r\nhel\r\n2\r\nlo\r\n0\r\n\r\n", "transfer-encoding: chunked")],
    ["its length, after a 100", `HTTP/1.1 100 Continue\r\n\r\n${ok("hello", "content-length: 5")}`],
    ["gzip", withBytes(gzipSync("hello"), "content-encoding: gzip")],
    ["gzip by its old name", withBytes(gzipSync("hello"), "content-encoding: X-GZIP")],
    ["deflate", withBytes(deflateSync("hello"), "content-encoding: deflate")],
    ["brotli", withBytes(brotliCompressSync("hello"), "content-encoding: br")],
    ["zstd", withBytes(zstdCompressSync("hello"), "content-encoding: zstd")],
    ["nothing", withBytes(Buffer.from("hello"), "content-encoding: identity")],
  ])("told by %s comes whole", async (_how, answer) => expect(await textOf(answer)).toBe("hello"));

  test.each<[string, string | Buffer, string]>([
    ["shorter than it says", ok("hel", "content-length: 5"), "bad_response"],
    ["longer than it says", ok("hello and more", "content-length: 5"), "bad_response"],
    ["cut in a chunk", ok("5\r\nhe", "transfer-encoding: chunked"), "bad_response"],
    ["of a chunk that is none", ok("xx\r\nhe\r\n", "transfer-encoding: chunked"), "bad_response"],
    ["with two lengths", ok("hello", "content-length: 5", "content-length: 3"), "bad_response"],
    ["with a length and chunks", ok("", "content-length: 5", "transfer-encoding: chunked"), "bad_response"],
    ["of another protocol", "SSH-2.0-OpenSSH_9.9\r\n", "bad_response"],
    ["without a head", "<html></html>", "bad_response"],
    ["that is empty", "", "unreachable"],
    ["with 33 KiB of headers", ok("", `x-a: ${"a".repeat(33 * 1024)}`), "bad_response"],
    [
      "that becomes another protocol",
      "HTTP/1.1 101 X\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n",
      "bad_response",
    ],
    ["compressed in an unknown way", ok("x", "content-encoding: compress"), "bad_encoding"],
    ["compressed twice", withBytes(gzipSync(gzipSync("x")), "content-encoding: gzip, gzip"), "bad_encoding"],
    [
      "compressed twice, in two headers",
      withBytes(gzipSync(gzipSync("x")), "content-encoding: gzip", "content-encoding: br"),
      "bad_encoding",
    ],
    ["that is no gzip", ok("hello", "content-encoding: gzip"), "bad_response"],
    [
      "of half a gzip",
      withBytes(gzipSync("hello").subarray(0, 12), "content-encoding: gzip"),
      "bad_response",
    ],
    ["that says it is large", ok("x", "content-length: 1001"), "too_large"],
    ["that is large", ok("x".repeat(1001)), "too_large"],
    [
      "large in chunks",
      ok(`3e9\r\n${"x".repeat(1001)}\r\n0\r\n\r\n`, "transfer-encoding: chunked"),
      "too_large",
    ],
  ])("%s is refused", async (_what, answer, reason) =>
    expect(await textOf(answer, { maxBytes: 1000 })).toBe(reason),
  );

  test("at its limit comes whole", async () =>
    expect(await textOf(ok("x".repeat(1000)), { maxBytes: 1000 })).toHaveLength(1000));

  test("to HEAD has no body, whatever it says of it", async () => {
    const answer = ok("", "content-length: 999999999", "content-encoding: gzip");
    expect(await textOf(answer, { method: "HEAD" })).toBe("");
  });

  const zeros = Buffer.alloc(64 * 1024 * 1024);
  test.each<[string, Buffer]>([
    ["gzip", gzipSync(zeros)],
    ["deflate", deflateSync(zeros)],
    ["br", brotliCompressSync(zeros, { params: { [constants.BROTLI_PARAM_QUALITY]: 4 } })],
    ["zstd", zstdCompressSync(zeros)],
  ])("that swells from %s is cut off when it has swollen enough", async (encoding, bomb) => {
    expect(bomb.length).toBeLessThan(100_000);
    const before = process.memoryUsage().rss;
    expect(await textOf(withBytes(bomb, `content-encoding: ${encoding}`), { maxBytes: 100_000 })).toBe(
      "too_large",
    );
    expect(process.memoryUsage().rss - before).toBeLessThan(48 * 1024 * 1024);
  });
});

describe("time", () => {
  const drip = (socket: import("node:net").Socket) => {
    socket.write(ok("", "content-length: 1000"));
    const timer = setInterval(() => socket.write("x"), 10);
    socket.on("close", () => clearInterval(timer));
  };

  test.each<[string, Parameters<typeof rawServer>[0]]>([
    ["says nothing", () => {}],
    ["says half a header", (socket) => socket.write("HTTP/1.1 200 OK\r\nx-a: ")],
    ["says continue and then nothing", (socket) => socket.write("HTTP/1.1 100 Continue\r\n\r\n")],
    ["sends headers only", (socket) => socket.write(ok("", "content-length: 5"))],
    ["sends a byte now and then", drip],
    ["sends a body without a length, and stops", (socket) => socket.write(ok("hel"))],
  ])("is up for a server that %s", async (_what, answer) => {
    const { result } = await answerTo(answer, { timeoutMs: 300 });
    expect(result).toMatchObject({ ok: false, reason: "timeout", isTransient: true, mayHaveArrived: true });
  });

  test("for the answer to begin is the caller's to say, too, and ends with it", async () => {
    const limits = { timeoutMs: 5000, headerTimeoutMs: 50 };
    const { result } = await answerTo(() => {}, limits);
    expect(result).toMatchObject({ ok: false, reason: "timeout", mayHaveArrived: true });
    const slow = (socket: { write(text: string): void }) => {
      socket.write(ok("", "content-length: 5"));
      setTimeout(() => socket.write("hello"), 100);
    };
    expect(await textOf(slow, limits)).toBe("hello");
  });

  test("is up for a name server that says nothing", async () => {
    const resolve = () => new Promise<string[]>(() => {});
    const result = await guardedFetch("https://server.example/", { resolve, timeoutMs: 100 });
    expect(result).toMatchObject({ ok: false, reason: "timeout", mayHaveArrived: false });
  });

  test("is no matter once the caller gives up", async () => {
    const caller = new AbortController();
    const stopping = (socket: import("node:net").Socket) => {
      drip(socket);
      caller.abort();
    };
    const { result } = await answerTo(stopping, { signal: caller.signal });
    expect(result).toMatchObject({ ok: false, reason: "aborted", isTransient: false });
    const later = await answerTo(ok(""), { signal: caller.signal });
    expect(later).toMatchObject({ result: { ok: false, reason: "aborted" }, requests: [] });
  });
});

describe("a stream", () => {
  test("is read piece by piece, and closed where its reader stops", async () => {
    await using server = await rawServer((socket) => {
      socket.write(ok("", "transfer-encoding: chunked"));
      socket.write("5\r\nhello\r\n");
    });
    const opened = await openFetch(`http://server.example:${server.port}/`, here);
    if (!opened.ok) throw new Error(opened.say);
    {
      await using stream = opened.value;
      for await (const part of stream.body) {
        expect(Buffer.from(part).toString()).toBe("hello");
        break;
      }
    }
    while (server.open() > 0) await new Promise(setImmediate);
  });

  test("that nobody reads is closed when it is disposed of", async () => {
    await using server = await rawServer((socket) => socket.write(ok("", "content-length: 5")));
    const opened = await openFetch(`http://server.example:${server.port}/`, here);
    if (!opened.ok) throw new Error(opened.say);
    await opened.value[Symbol.asyncDispose]();
    while (server.open() > 0) await new Promise(setImmediate);
  });

  test("that breaks before anybody reads it throws the refusal when it is read", async () => {
    await using server = await rawServer((socket) => socket.end(ok("hel", "content-length: 5")));
    const opened = await openFetch(`http://server.example:${server.port}/`, here);
    if (!opened.ok) throw new Error(opened.say);
    while (server.open() > 0) await new Promise(setImmediate);
    const fault = await Array.fromAsync(opened.value.body).catch((error: unknown) => error);
    expect(fault).toMatchObject({ refusal: { reason: "bad_response" } });
  });

  test("whose time is up while nobody reads it throws the refusal when it is read", async () => {
    await using server = await rawServer((socket) => socket.write(ok("hel", "content-length: 5")));
    const opened = await openFetch(`http://server.example:${server.port}/`, { ...here, timeoutMs: 100 });
    if (!opened.ok) throw new Error(opened.say);
    while (server.open() > 0) await new Promise(setImmediate);
    const fault = await Array.fromAsync(opened.value.body).catch((error: unknown) => error);
    expect(fault).toMatchObject({ refusal: { reason: "timeout" } });
  });

  test("that breaks throws the refusal", async () => {
    await using server = await rawServer(ok("hel", "content-length: 5"));
    const opened = await openFetch(`http://server.example:${server.port}/`, here);
    if (!opened.ok) throw new Error(opened.say);
    const fault = await Array.fromAsync(opened.value.body).catch((error: unknown) => error);
    expect(fault).toBeInstanceOf(FetchFault);
    expect(fault).toMatchObject({ refusal: { reason: "bad_response", mayHaveArrived: true } });
  });
});
