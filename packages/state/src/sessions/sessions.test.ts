import { expect, test } from "bun:test";
import { SessionKey } from "@carapace/protocol";
import { ownerSays, temporaryState } from "../testing/index.ts";

const chat = SessionKey.parse("cli-chat");
const other = SessionKey.parse("other");

test("a session is made once and later metadata is merged over the stored one", async () => {
  await using fixture = await temporaryState();
  const { sessions } = fixture.state;
  const first = await sessions.upsert(chat, { agentId: "main", name: "one" }, 1000);
  const second = await sessions.upsert(chat, { name: "two" }, 1000);
  expect(second).toMatchObject({
    id: first.id,
    metadata: { agentId: "main", name: "two" },
    updatedAtMs: 1001,
  });
  expect(await sessions.find("cli-chat")).toEqual(second);
  expect(await sessions.findById(first.id)).toEqual(second);
  expect(await sessions.count()).toBe(1);
});

test("creating a session whose key is taken gives nothing and changes nothing", async () => {
  await using fixture = await temporaryState();
  const { sessions } = fixture.state;
  const first = await sessions.create(chat, { name: "one" }, 1000);
  expect(await sessions.create(chat, { name: "two" }, 2000)).toBeUndefined();
  expect(await sessions.find(chat)).toEqual(first);
});

test("a key with a NUL character is refused, since the engine would cut it", async () => {
  await using fixture = await temporaryState();
  const { sessions } = fixture.state;
  await expect(sessions.upsert(SessionKey.parse("a\0b"), {}, 1)).rejects.toMatchObject({ code: "invalid" });
  expect(await sessions.find("a")).toBeUndefined();
});

test("the list is newest first, filtered and cut into pages", async () => {
  await using fixture = await temporaryState();
  const { sessions } = fixture.state;
  for (const [n, agentId] of ["main", "helper", "main", "main"].entries()) {
    await sessions.create(
      SessionKey.parse(`key-${n}`),
      { agentId, name: `Ärger ${n}`, channel: "cli", userId: "u" },
      1000 + n,
    );
  }
  const keys = async (filter: Parameters<typeof sessions.list>[0]) =>
    (await sessions.list(filter)).map(({ key }) => String(key));
  expect(await keys({})).toEqual(["key-3", "key-2", "key-1", "key-0"]);
  expect(await keys({ agentId: "main", limit: 2 })).toEqual(["key-3", "key-2"]);
  expect(await keys({ agentId: "main", limit: 2, offset: 2 })).toEqual(["key-0"]);
  expect(await keys({ label: "Ärger 1" })).toEqual(["key-1"]);
  expect(await keys({ search: "ÄRGER", limit: 1, offset: 1 })).toEqual(["key-2"]);
  expect(await keys({ search: "KEY-0" })).toEqual(["key-0"]);
  expect(await keys({ updatedSinceMs: 1002, channel: "cli", userId: "u", status: "active" })).toEqual([
    "key-3",
    "key-2",
  ]);
  expect(await keys({ channel: "none" })).toEqual([]);
});

test("a reset drops the messages and keeps id, key and metadata", async () => {
  await using fixture = await temporaryState();
  const { sessions } = fixture.state;
  const { id } = await sessions.upsert(chat, { name: "one" }, 1000);
  await sessions.append(id, [ownerSays("remember the heron")]);
  await sessions.compact(id, { throughSeq: 1, summary: [], messagesCompacted: 1, createdAtMs: 5 });
  const reset = await sessions.reset(id, 2000);
  expect(reset).toMatchObject({ id, key: chat, metadata: { name: "one" }, messageCount: 0 });
  expect(await sessions.history(id, {})).toEqual([]);
  expect(await sessions.compaction(id)).toBeUndefined();
  expect(await sessions.search("heron", { limit: 5 })).toEqual([]);
  await sessions.append(id, [ownerSays("again")]);
  const state = await fixture.reopen();
  expect((await state.sessions.history(id, {})).map(({ seq }) => seq)).toEqual([1]);
  expect(await state.verify()).toEqual([]);
});

test("deleting a session takes its messages, archive, search rows and runs with it", async () => {
  await using fixture = await temporaryState();
  const { sessions, runs } = fixture.state;
  const { id } = await sessions.upsert(chat, {}, 1000);
  await sessions.append(id, [ownerSays("the heron")]);
  await sessions.archive(id, false, 2000);
  const { runId } = await acceptRun(fixture.state.runs);
  expect(await sessions.delete(id)).toBe(true);
  expect(await sessions.delete(id)).toBe(false);
  expect(await sessions.find(chat)).toBeUndefined();
  expect(await sessions.archives(10, 0)).toEqual({ total: 0, archives: [] });
  expect(await sessions.search("heron", { limit: 5 })).toEqual([]);
  expect(await runs.find(runId)).toBeUndefined();
  expect(await fixture.state.verify()).toEqual([]);
});

async function acceptRun(runs: Awaited<ReturnType<typeof temporaryState>>["state"]["runs"]) {
  const { runOf } = await import("../testing/index.ts");
  const given = runOf("run-1", "cli-chat", "go");
  await runs.accept(given);
  return given;
}

test("a fork copies metadata and the newest messages under new ids", async () => {
  await using fixture = await temporaryState();
  const { sessions } = fixture.state;
  const { id } = await sessions.upsert(chat, { agentId: "main", name: "one" }, 1000);
  await sessions.append(id, [ownerSays("a", "m1"), ownerSays("b", "m2"), ownerSays("c", "m3")]);
  const fork = await sessions.fork(id, { key: other, metadata: { name: "fork" }, limit: 2, nowMs: 3000 });
  expect(fork).toMatchObject({ key: other, metadata: { agentId: "main", name: "fork" }, messageCount: 2 });
  const copies = await sessions.history(fork?.id ?? "", {});
  expect(copies.map(({ blocks }) => blocks[0])).toMatchObject([{ text: "b" }, { text: "c" }]);
  expect(copies.map((copy) => copy.id)).not.toContain("m3");
  expect(await sessions.fork(id, { key: other, metadata: {}, limit: 0, nowMs: 4000 })).toBeUndefined();
  const empty = await sessions.fork(id, {
    key: SessionKey.parse("empty"),
    metadata: {},
    limit: 0,
    nowMs: 5000,
  });
  expect(empty).toMatchObject({ messageCount: 0 });
  await expect(
    sessions.fork("none", { key: SessionKey.parse("x"), metadata: {}, limit: 0, nowMs: 1 }),
  ).rejects.toMatchObject({
    code: "not_found",
  });
});

test("an archive keeps the messages and gives them back after they were dropped", async () => {
  await using fixture = await temporaryState();
  const { sessions } = fixture.state;
  const { id } = await sessions.upsert(chat, { name: "label" }, 1000);
  const before = await sessions.append(id, [ownerSays("the heron", "m1"), ownerSays("b", "m2")]);
  const archive = await sessions.archive(id, true, 2000);
  expect(archive).toMatchObject({
    key: chat,
    sessionId: id,
    label: "label",
    messageCount: 2,
    archivedAtMs: 2000,
  });
  expect(await sessions.find(chat)).toMatchObject({ status: "archived", messageCount: 0 });
  expect(await sessions.archives(10, 0)).toEqual({ total: 1, archives: [archive] });
  expect(await sessions.restoreArchive(id, 3000)).toBe(2);
  expect(await sessions.history(id, {})).toEqual(before);
  expect(await sessions.search("heron", { limit: 1 })).toHaveLength(1);
  expect(await sessions.find(chat)).toMatchObject({ status: "active" });
  expect(await sessions.deleteArchive(id)).toBe(true);
  expect(await sessions.deleteArchive(id)).toBe(false);
  expect(await sessions.restoreArchive(id, 4000)).toBeUndefined();
  expect(await fixture.state.verify()).toEqual([]);
});

test("a change of a session that is not there is refused", async () => {
  await using fixture = await temporaryState();
  const { sessions } = fixture.state;
  await expect(sessions.reset("none", 1)).rejects.toMatchObject({ code: "not_found" });
  await expect(sessions.append("none", [ownerSays("x")])).rejects.toMatchObject({ code: "not_found" });
  expect(await sessions.history("none", {})).toEqual([]);
});

test("two processes may write in turn and each sees what the other wrote", async () => {
  await using fixture = await temporaryState();
  const { openState } = await import("../open.ts");
  const second = await openState({ dir: fixture.dir, keys: fixture.keys, newId: () => crypto.randomUUID() });
  try {
    const { id } = await fixture.state.sessions.upsert(chat, {}, 1000);
    for (let n = 0; n < 6; n++) {
      const { sessions } = n % 2 === 0 ? second : fixture.state;
      await sessions.append(id, [ownerSays(`message ${n}`)]);
    }
    expect(await fixture.state.sessions.history(id, {})).toHaveLength(6);
    expect(await second.sessions.history(id, {})).toHaveLength(6);
    expect(await second.verify()).toEqual([]);
    expect(await fixture.state.verify()).toEqual([]);
  } finally {
    await second[Symbol.asyncDispose]();
  }
});
