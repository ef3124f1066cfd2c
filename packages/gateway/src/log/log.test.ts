import { afterEach, expect, test } from "bun:test";
import { dropInvisible } from "./clean.ts";
import { formatJson, formatLine, formatPretty } from "./format.ts";
import { type GatewayLog, openLog } from "./log.ts";
import { redactField, redactText } from "./redact.ts";
import { createLogRing, type LogEntry } from "./ring.ts";
import { tailLog } from "./tail.ts";

const open: GatewayLog[] = [];
const openFor = (options: Parameters<typeof openLog>[0]) => {
  const log = openLog(options);
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

test("two logs of one process hear each other and close on their own", () => {
  const first = openFor({ level: "info" });
  const second = openFor({ level: "info" });
  first.target("a").info("one");
  first[Symbol.dispose]();
  second.target("b").info("two");
  expect(first.ring.entries().map((entry) => entry.message)).toEqual(["one"]);
  expect(second.ring.entries().map((entry) => entry.message)).toEqual(["one", "two"]);
});

test("a secret of this process never reaches the ring, in text or fields", () => {
  const log = openFor({ level: "info" });
  log.setSecrets(["hunter2hunter2"]);
  log.target("x").info("the word is hunter2hunter2", { note: "hunter2hunter2!", apiKey: "short" });
  expect(JSON.stringify(log.ring.entries())).not.toContain("hunter2");
  expect(log.ring.entries()[0]?.fields).toEqual({ note: "[REDACTED]!", apiKey: "[REDACTED]" });
});

test.each([
  ["sk-ant-api03-abcdefghijklmnopqrst", "[REDACTED]"],
  ["sk\u200b-abcdefghijklmnopqrstuvwx", "[REDACTED]"],
  ["Authorization: Bearer abc.def", "Authorization: Bearer [REDACTED]"],
  [`token=${"a".repeat(32)} end`, "token=[REDACTED] end"],
  ["https://matrix.org/_matrix/client/x?access_token=1", "[REDACTED-MATRIX-URL]"],
  ["ghp_abcdefghijklmnopqrstuvwx", "[REDACTED]"],
  ["-----BEGIN PRIVATE KEY-----\nabc\n-----END PRIVATE KEY-----", "[REDACTED]"],
  ["wss://user:pass@host/x", "wss://[REDACTED]@host/x"],
  ["x".repeat(9000), "[REDACTED_LOG_LINE_TOO_LONG]"],
])("secret shapes are masked: %#", (text, clean) => {
  expect(redactText(text)).toBe(clean);
});

test("counts of tokens are no secrets", () => {
  expect(redactField("inputTokens", 5, [])).toBe(5);
  expect(redactField("token", 5, [])).toBe("[REDACTED]");
  expect(redactField("error", new Error("Bearer abcdef"), [])).toBe("Bearer [REDACTED]");
});

test("control characters and bidi marks are dropped, line feeds and tabs stay", () => {
  expect(dropInvisible("a\u001b[31mb\u202ec\n\td\u{e0041}")).toBe("a[31mbc\n\td");
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
