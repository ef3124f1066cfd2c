import { afterAll, beforeAll, expect, test } from "bun:test";
import { startTestGateway, type TestGateway, type TestLink } from "../testing/index.ts";

let gateway: TestGateway;
let link: TestLink;
beforeAll(async () => {
  gateway = await startTestGateway({ replies: ["the reply"] });
  link = await gateway.connect();
});
afterAll(async () => {
  link[Symbol.dispose]();
  await gateway[Symbol.asyncDispose]();
});

let runs = 0;
async function say(sessionKey: string, message: string, more: object = {}): Promise<void> {
  runs += 1;
  const idempotencyKey = `say-${runs}`;
  await link.call("chat.send", { message, sessionKey, idempotencyKey, ...more });
  await link.ended(idempotencyKey);
}
const rows = async (params: object) => Object((await link.call("sessions.list", params)).payload["sessions"]);

test("a session is created once, and named by agent, channel and chat without a key", async () => {
  const made = await link.call("sessions.create", {
    key: "made",
    label: "Mine",
    model: "offline:basic",
    tags: ["x"],
  });
  expect(made.payload).toMatchObject({
    ok: true,
    key: "made",
    entry: { label: "Mine", model: "offline:basic", status: "active", channel: null },
  });
  const again = await link.call("sessions.create", { key: "made" });
  expect(again).toMatchObject({
    code: "invalid_request",
    message: "session already exists",
    details: { key: "made" },
  });
  const unnamed = await link.call("sessions.create", { agentId: "a", chatId: "c" });
  expect(unnamed.payload["key"]).toBe("a:default:c");
  expect(await link.call("sessions.create", { agentId: "a", chatId: "c" })).toMatchObject({
    code: "unavailable",
  });
  expect(await link.call("sessions.create", { key: "k".repeat(256) })).toMatchObject({
    code: "invalid_request",
  });
});

test("sessions are listed with filters, previews and titles", async () => {
  await say("listed", "What is a  very\nlong question?", { label: "Find me", userId: "ann" });
  const [row] = await rows({ userId: "ann", includeLastMessage: true, includeDerivedTitles: true });
  expect(row).toMatchObject({
    kind: "direct",
    access: "available",
    label: "Find me",
    displayName: "Find me",
    messageCount: 2,
    lastMessagePreview: "the reply",
    derivedTitle: "Find me",
  });
  expect(await rows({ search: "find ME" })).toHaveLength(1);
  expect(await rows({ label: "Find" })).toHaveLength(0);
  expect(await rows({ status: "archived" })).toHaveLength(0);
  expect(await rows({ status: "no such status" })).toHaveLength(0);
  expect(await rows({ activeMinutes: 5, userId: "ann" })).toHaveLength(1);
  await link.call("sessions.create", { key: "global" });
  const keys = (list: { key: string }[]) => list.map(({ key }) => key);
  expect(keys(await rows({}))).not.toContain("global");
  expect(keys(await rows({ includeGlobal: true }))).toContain("global");
});

test("a title without a label comes from the first question", async () => {
  await say("titled", "How\nhigh is the sky?", { userId: "tess" });
  const [row] = await rows({ userId: "tess", includeDerivedTitles: true });
  expect(row.derivedTitle).toBe("How high is the sky?");
});

test("sessions called global and unknown are shown on request, and take no places of a page", async () => {
  await link.call("sessions.create", { key: "seen", userId: "pager" });
  for (const key of ["global", "unknown"]) await link.call("sessions.patch", { key, userId: "pager" });
  const page = async (params: object) => {
    const { payload } = await link.call("sessions.list", { userId: "pager", limit: 2, ...params });
    return Object(payload["sessions"]).map((row: { key: string; kind: string }) => `${row.key} ${row.kind}`);
  };
  expect(await page({})).toEqual(["seen direct"]);
  expect(await page({ search: "e" })).toEqual(["seen direct"]);
  expect(await page({ includeGlobal: true })).toEqual(["global global", "seen direct"]);
  expect(await page({ includeUnknown: true })).toEqual(["unknown unknown", "seen direct"]);
});

test("previews show the last lines, and say what is missing or empty", async () => {
  await say("previewed", "hello there");
  await link.call("sessions.create", { key: "empty" });
  const preview = await link.call("sessions.preview", {
    keys: ["previewed", "empty", "nowhere"],
    maxChars: 20,
  });
  expect(preview.payload["previews"]).toEqual([
    {
      key: "previewed",
      status: "ok",
      items: [
        { role: "user", text: "hello there" },
        { role: "assistant", text: "the reply" },
      ],
    },
    { key: "empty", status: "empty", items: [] },
    { key: "nowhere", status: "missing", items: [] },
  ]);
  expect((await link.call("sessions.preview")).payload["previews"]).toEqual([]);
});

test("a session loads by id, key or hint", async () => {
  await say("loaded", "hello");
  const byHint = await link.call("sessions.load", { key: "loaded" });
  expect(byHint.payload).toMatchObject({ ok: true, messageCount: 2 });
  const { sessionId, key } = byHint.payload;
  expect((await link.call("sessions.load", { sessionId })).payload["key"]).toBe(key);
  expect((await link.call("sessions.load", { key, includeMessages: false })).payload["messages"]).toEqual([]);
  expect(await link.call("sessions.load", { key: "x" })).toMatchObject({ message: "Session not found: x" });
  expect(await link.call("sessions.load", {})).toMatchObject({ message: "key is required" });
});

test("a fork copies the newest messages under a free key", async () => {
  await say("origin", "one");
  await say("origin", "two");
  const first = await link.call("sessions.fork", { key: "origin", limit: 2 });
  expect(String(first.payload["key"])).toEndWith("-fork");
  const copied = await link.call("sessions.load", { key: first.payload["key"] });
  expect(Object(copied.payload["messages"]).map((message: { content: string }) => message.content)).toEqual([
    "two",
    "the reply",
  ]);
  const second = await link.call("sessions.fork", { key: "origin", copyHistory: false, label: "F" });
  expect(String(second.payload["key"])).toEndWith("-fork-2");
  expect((await link.call("sessions.load", { key: second.payload["key"] })).payload["messageCount"]).toBe(0);
  expect(second.payload["entry"]).toMatchObject({ label: "F" });
  const taken = await link.call("sessions.fork", { key: "origin", newKey: first.payload["key"] });
  expect(taken).toMatchObject({ message: "session already exists" });
  expect(await link.call("sessions.fork", { key: "none" })).toMatchObject({
    message: "Session not found: none",
  });
});

test("a session is renamed, patched and switched to", async () => {
  await link.call("sessions.create", { key: "changing" });
  expect(
    (await link.call("sessions.rename", { key: "changing", name: "New" })).payload["entry"],
  ).toMatchObject({ label: "New" });
  expect(await link.call("sessions.rename", { key: "changing" })).toMatchObject({
    message: "name is required",
  });
  expect(await link.call("sessions.rename", { key: "none", name: "x" })).toMatchObject({
    message: "session not found",
    details: { key: "none" },
  });
  const patched = await link.call("sessions.patch", { key: "changing", chatId: "c1", thinkingLevel: "on" });
  expect(patched.payload["entry"]).toMatchObject({ chatId: "c1", thinkingLevel: "on", label: "New" });
  expect((await link.call("sessions.patch", { key: "fresh" })).payload["key"]).toBe("fresh");
  expect(await link.call("sessions.patch", {})).toMatchObject({ message: "key is required" });
  const switched = await link.call("sessions.switch", { key: "changing" });
  expect(switched.payload["defaults"]).toEqual({
    defaultAgentId: "default",
    mainKey: "main",
    mainSessionKey: "main",
    scope: "per-sender",
  });
  expect(await link.call("sessions.switch", { key: "none" })).toMatchObject({
    message: "Session not found: none",
  });
});

test("a reset clears the history, keeps the session, and makes a missing one", async () => {
  await say("reset-me", "hello");
  const before = (await link.call("sessions.load", { key: "reset-me" })).payload;
  expect((await link.call("sessions.reset", { key: "reset-me" })).payload["key"]).toBe(before["key"]);
  const after = (await link.call("sessions.load", { key: "reset-me" })).payload;
  expect([after["sessionId"], after["messageCount"]]).toEqual([before["sessionId"], 0]);
  expect((await link.call("sessions.reset", { key: "brand-new" })).payload["key"]).toBe("brand-new");
  expect(await link.call("sessions.reset", {})).toMatchObject({ message: "key is required" });
});

test("deleting a session takes its history away and cancels its turn", async () => {
  const gate = Promise.withResolvers<void>();
  const begun = Promise.withResolvers<void>();
  const before = () => {
    begun.resolve();
    return gate.promise;
  };
  await using other = await startTestGateway({ replies: [{ text: "x", before }] });
  using its = await other.connect();
  await its.call("chat.send", { message: "a", sessionKey: "gone", idempotencyKey: "a" });
  await begun.promise;
  const deleted = its.call("sessions.delete", { key: "gone" });
  expect((await deleted).payload["deleted"]).toBe(true);
  expect(await its.ended("a")).toMatchObject({ state: "aborted" });
  expect(await its.call("sessions.load", { key: "gone" })).toMatchObject({ ok: false });
  expect((await its.call("sessions.delete", { key: "gone" })).payload["deleted"]).toBe(false);
  gate.resolve();
});

test("archiving puts a session away, restoring brings it back", async () => {
  await say("archived", "keep this", { label: "A" });
  const archived = await link.call("sessions.archive", { key: "archived", deleteHistory: true });
  expect(archived.payload).toMatchObject({ archived: true, messageCount: 2, historyDeleted: true });
  expect((await link.call("sessions.archive", { key: "archived" })).payload).toMatchObject({
    archived: false,
    reason: "already_archived",
  });
  const compacted = await link.call("sessions.compact", { key: "archived" });
  expect(compacted).toMatchObject({
    message: "cannot compact an archived session",
    details: { status: "archived" },
  });
  const list = await link.call("sessions.archives", {});
  expect(list.payload).toMatchObject({ total: 1, count: 1, archives: [{ label: "A", messageCount: 2 }] });
  expect((await link.call("sessions.restore", { key: "archived" })).payload).toMatchObject({
    restored: true,
    messageCount: 2,
  });
  expect((await link.call("sessions.restore", { key: "archived" })).payload).toMatchObject({
    restored: false,
    reason: "not_archived",
  });
  expect((await link.call("sessions.load", { key: "archived" })).payload["messageCount"]).toBe(2);
});

test("what was said in an archived session is still there after it is restored", async () => {
  const say = async (id: string) => {
    await link.call("chat.send", { message: id, key: "put-away", idempotencyKey: id });
    await link.ended(id);
  };
  await say("before");
  for (const deleteHistory of [false, true]) {
    await link.call("sessions.archive", { key: "put-away", deleteHistory });
    await say(`while ${deleteHistory}`);
    await link.call("sessions.restore", { key: "put-away" });
  }
  const { payload } = await link.call("sessions.load", { key: "put-away" });
  const said = Object(payload["messages"]).filter((one: { role: string }) => one.role === "user");
  expect(said.map((one: { content: string }) => one.content)).toEqual([
    "before",
    "while false",
    "while true",
  ]);
});

test("what is not there is not archived, restored or deleted", async () => {
  const key = "not-there";
  expect((await link.call("sessions.archive", { key })).payload).toMatchObject({
    archived: false,
    reason: "not_found",
  });
  expect((await link.call("sessions.restore", { key })).payload).toMatchObject({
    restored: false,
    reason: "not_found",
  });
  expect((await link.call("sessions.archive.delete", { key })).payload).toMatchObject({
    deleted: false,
    reason: "not_found",
  });
  expect((await link.call("sessions.compact", { key })).payload).toMatchObject({
    compacted: false,
    reason: "not_found",
  });
  for (const method of [
    "sessions.archive",
    "sessions.restore",
    "sessions.compact",
    "sessions.archive.delete",
    "sessions.delete",
  ] as const) {
    expect(await link.call(method, {})).toMatchObject({ message: "key is required" });
  }
});

test("an archive can be deleted while its session stays archived", async () => {
  await say("twice", "x");
  await link.call("sessions.archive", { key: "twice" });
  expect((await link.call("sessions.archive.delete", { key: "twice" })).payload["deleted"]).toBe(true);
  expect((await link.call("sessions.load", { key: "twice" })).payload["entry"]).toMatchObject({
    status: "archived",
  });
});

test("compacting keeps the newest messages in contexts and everything in the history", async () => {
  for (const text of ["one", "two", "three"]) await say("long", text);
  const compacted = await link.call("sessions.compact", { key: "long", maxLines: 2 });
  expect(compacted.payload).toMatchObject({ ok: true, compacted: true, kept: 2, messagesCompacted: 4 });
  expect((await link.call("sessions.load", { key: "long" })).payload["messageCount"]).toBe(6);
});

test("a person's sessions are exported and purged together", async () => {
  await say("bob-1", "first", { userId: "bob" });
  await say("bob-2", "second", { userId: "bob" });
  const exported = await link.call("sessions.export_user", { userId: "bob" });
  expect(exported.payload["data"]).toMatchObject({ user_id: "bob", session_count: 2, warnings: [] });
  expect(JSON.stringify(exported.payload)).toContain("second");
  expect((await link.call("sessions.purge_user", { userId: "bob" })).payload).toMatchObject({
    sessionsDeleted: 2,
    sessionsTotal: 2,
  });
  expect(await rows({ userId: "bob" })).toEqual([]);
  expect(await link.call("sessions.purge_user", {})).toMatchObject({ message: "userId is required" });
  expect(await link.call("sessions.export_user", {})).toMatchObject({ message: "userId is required" });
});
