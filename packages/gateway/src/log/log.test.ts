import { afterEach, expect, test } from "bun:test";
import { createFieldRedactor } from "./fields.ts";
import { formatJson, formatLine, formatPretty } from "./format.ts";
import { type GatewayLog, type LogOptions, openLog } from "./log.ts";
import { createLogRing, type LogEntry } from "./ring.ts";
import { tailLog } from "./tail.ts";

const open: GatewayLog[] = [];
const openFor = (options: Omit<LogOptions, "nowMs">) => {
  const log = openLog({ nowMs: () => 1000, ...options });
  open.push(log);
  return log;
};
afterEach(() => {
  for (const log of open.splice(0)) log[Symbol.dispose]();
});

test("entries below the level are neither kept nor written", () => {
  const written: LogEntry[] = [];
  const log = openFor({ level: "warn", write: (entry) => written.push(entry) });
  log.target("runs").info("quiet");
  log.target("runs").warn("loud", { runId: "r1" });
  expect(written).toMatchObject([
    { seq: 1, level: "warn", target: "runs", message: "loud", fields: { runId: "r1" } },
  ]);
  expect(log.ring.entries()).toEqual(written);
  log.setLevel("debug");
  log.target("runs").debug("now heard");
  expect(written).toHaveLength(2);
});

test("two logs in one process do not hear each other, and mask their own secrets only", () => {
  const first = openFor({ level: "info" });
  const second = openFor({ level: "debug" });
  first.setSecrets(["hunter2hunter2"]);
  second.setSecrets(["swordfish99"]);
  first.target("a").info("hunter2hunter2 and swordfish99");
  second.target("b").debug("swordfish99");
  expect(first.ring.entries().map((entry) => entry.message)).toEqual(["[REDACTED] and swordfish99"]);
  expect(second.ring.entries().map((entry) => entry.message)).toEqual(["[REDACTED]"]);
  first[Symbol.dispose]();
  first.target("a").info("too late");
  second.target("b").info("goes on");
  expect(first.ring.entries()).toHaveLength(1);
  expect(second.ring.entries()).toHaveLength(2);
});

test("a writer that fails does not fail what is being logged, and the entry is kept", () => {
  const log = openFor({
    level: "info",
    write: () => {
      throw new Error("disk full");
    },
  });
  log.target("x").info("told");
  expect(log.ring.entries()).toMatchObject([{ message: "told", timestamp: 1000 }]);
});

test("the writer is told how lines shall look, from the next one on", () => {
  const looks: unknown[] = [];
  const log = openFor({ level: "info", write: (_, look) => looks.push(look) });
  log.target("x").info("one");
  log.setLook({ format: "text", consoleStyle: "compact" });
  log.target("x").info("two");
  expect(looks).toEqual([{ consoleStyle: "pretty" }, { format: "text", consoleStyle: "compact" }]);
});

test("a secret of this process never reaches the ring, in text or fields", () => {
  const log = openFor({ level: "info" });
  log.setSecrets(["hunter2hunter2"]);
  log.target("x").info("the word is hunter2hunter2", { note: "hunter2hunter2!", apiKey: "short" });
  expect(JSON.stringify(log.ring.entries())).not.toContain("hunter2");
  expect(log.ring.entries()[0]?.fields).toEqual({ note: "[REDACTED]!", apiKey: "[REDACTED]" });
});

const { text, field } = createFieldRedactor(["hunter2hunter2"]);

test("a field is redacted by its name, its shape and its value, at every level", () => {
  expect(field("inputTokens", 5)).toEqual(["inputTokens", 5]);
  expect(field("token", 5)).toEqual(["token", "[REDACTED]"]);
  expect(field("error", new Error("Bearer abcdef"))).toEqual(["error", "Bearer [REDACTED]"]);
  expect(field("x", { a: [{ b: "hunter2hunter2", Authorization: "x" }], c: null })).toEqual([
    "x",
    { a: [{ b: "[REDACTED]", Authorization: "[REDACTED]" }], c: null },
  ]);
  expect(field("n\u202eame", "a\u001b[31m\u202eb\n\tc")).toEqual(["name", "a[31mb\n\tc"]);
});

test("random text is hidden unless its name says that it is public", () => {
  const random = "Zk3vQx7mB9pLw2RtY8sN4cJ6hF1gD5aE";
  expect(field("note", random)).toEqual(["note", "[REDACTED]"]);
  expect(field("publicKey", random)).toEqual(["publicKey", random]);
  expect(field("publicKey", "hunter2hunter2")).toEqual(["publicKey", "[REDACTED]"]);
});

test("a private key that one part tells line by line is hidden whole, while others are heard", () => {
  const log = openFor({ level: "info" });
  const plugin = log.target("plugin");
  plugin.info("-----BEGIN PRIVATE KEY-----");
  log.target("runs").info("abcd");
  plugin.info("MIIabcd");
  plugin.info("-----END PRIVATE KEY-----");
  plugin.info("MIIabcd");
  expect(log.ring.entries().map((entry) => entry.message)).toEqual([
    ...["[REDACTED]", "abcd", "[REDACTED]", "[REDACTED]", "MIIabcd"],
  ]);
});

test("a field neither grows without bounds nor goes deeper than four levels", () => {
  const loop: Record<string, unknown> = {};
  loop["loop"] = loop;
  expect(JSON.stringify(field("x", loop))).toBe('["x",{"loop":{"loop":{"loop":{"loop":"[…]"}}}}]');
  expect(field("x", Array(300).fill(1))[1]).toHaveLength(100);
  expect(text(`a\n${"x".repeat(9000)}`)).toBe("a\n[REDACTED_LOG_LINE_TOO_LONG]");
});

test("the ring keeps the newest entries and goes on counting", () => {
  const ring = createLogRing(2);
  for (const message of ["a", "b", "c"]) ring.push({ timestamp: 0, level: "info", target: "t", message });
  expect(ring.entries().map((entry) => [entry.seq, entry.message])).toEqual([
    [2, "b"],
    [3, "c"],
  ]);
});

test("a tail goes on after its cursor, and starts over when the cursor left the ring", () => {
  const ring = createLogRing(3);
  for (const message of ["a", "b", "c", "d"])
    ring.push({ timestamp: 0, level: "info", target: "t", message });
  const query = { limit: 10, maxBytes: 1000 };
  expect(tailLog(ring, { ...query, cursor: 3 })).toMatchObject({
    cursor: 4,
    reset: false,
    entries: [{ message: "d" }],
  });
  expect(tailLog(ring, { ...query, cursor: 1 }).entries).toHaveLength(3);
  const lost = tailLog(ring, { ...query, cursor: 99 });
  expect([lost.reset, lost.entries.length, lost.size]).toEqual([true, 3, 3]);
  expect(tailLog(ring, { limit: 1, maxBytes: 1000 })).toMatchObject({
    truncated: true,
    entries: [{ message: "d" }],
  });
  expect(tailLog(ring, { limit: 9, maxBytes: 50 }).truncated).toBe(true);
  expect(tailLog(ring, { ...query, pattern: /^x/ }).entries).toEqual([]);
  expect(tailLog(ring, { ...query, level: "error" }).entries).toEqual([]);
  expect(tailLog(createLogRing(), query)).toMatchObject({ cursor: 0, size: 0, reset: false });
});

test("an entry prints as text, for a terminal, and as JSON", () => {
  const entry: LogEntry = {
    seq: 1,
    timestamp: 0,
    level: "warn",
    target: "t",
    message: "m",
    fields: { a: "b" },
  };
  expect(formatLine(entry)).toBe('1970-01-01T00:00:00.000Z [warn] t: m {"a":"b"}');
  expect(formatPretty(entry)).toContain("t: m");
  expect(JSON.parse(formatJson(entry))).toEqual({
    ts: "1970-01-01T00:00:00.000Z",
    level: "warn",
    target: "t",
    message: "m",
    fields: { a: "b" },
  });
});
