import { expect, test } from "bun:test";
import { RunId, SessionKey } from "@carapace/protocol";
import { ownerSays, rawDatabase, temporaryState } from "../testing/index.ts";
import type { NewMessage } from "../types.ts";

const chat = SessionKey.parse("cli-chat");

async function withMessages(count: number) {
  const fixture = await temporaryState();
  const { id } = await fixture.state.sessions.upsert(chat, {}, 1000);
  await fixture.state.sessions.append(
    id,
    Array.from({ length: count }, (_, n) => ownerSays(`text ${n + 1}`, `m${n + 1}`)),
  );
  return { fixture, id };
}

test("a message comes back exactly as it was given, whatever its text", async () => {
  await using fixture = await temporaryState();
  const { sessions } = fixture.state;
  const { id } = await sessions.upsert(chat, {}, 1000);
  const odd =
    "NUL \0, lone \ud800 surrogate, emoji 👩‍🚀, right-to-left \u202e, quote '\"; DROP TABLE messages; --";
  const message: NewMessage = {
    id: "m1",
    role: "tool",
    blocks: [
      { type: "text", text: odd, origin: { kind: "web", ref: "example.org", from: ["peer", "file"] } },
      { type: "tool_use", id: "c1", name: "math_eval", input: { a: [1, null, "x"] } },
      {
        type: "tool_result",
        toolUseId: "c1",
        name: "math_eval",
        content: "\0",
        isError: true,
        origin: { kind: "tool" },
      },
    ],
    createdAtMs: 5,
    runId: RunId.parse("r"),
    tokens: 7,
    metadata: { inboundEventId: "e", deep: { list: [1.5, true] } },
  };
  const [appended] = await sessions.append(id, [message]);
  const state = await fixture.reopen();
  expect(await state.sessions.history(id, {})).toEqual([{ ...message, sessionId: id, seq: 1 }]);
  expect(appended).toEqual({ ...message, sessionId: id, seq: 1 });
});

test("ranges are cut to the newest and returned oldest first", async () => {
  const { fixture, id } = await withMessages(10);
  await using _ = fixture;
  const seqs = async (range: Parameters<typeof fixture.state.sessions.history>[1]) =>
    (await fixture.state.sessions.history(id, range)).map(({ seq }) => seq);
  expect(await seqs({})).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  expect(await seqs({ limit: 3 })).toEqual([8, 9, 10]);
  expect(await seqs({ limit: 0 })).toEqual([]);
  expect(await seqs({ limit: 100 })).toHaveLength(10);
  expect(await seqs({ beforeSeq: 4 })).toEqual([1, 2, 3]);
  expect(await seqs({ beforeSeq: 4, limit: 2 })).toEqual([2, 3]);
  expect(await seqs({ afterSeq: 8 })).toEqual([9, 10]);
  expect(await seqs({ afterSeq: 2, beforeSeq: 6, limit: 2 })).toEqual([4, 5]);
  expect(await seqs({ afterSeq: 10 })).toEqual([]);
  expect(await seqs({ beforeSeq: 1 })).toEqual([]);
  expect(await seqs({ beforeSeq: 1000, afterSeq: -5, limit: 1 })).toEqual([10]);
});

test("an id that is in the session already is refused and nothing of its batch is kept", async () => {
  const { fixture, id } = await withMessages(1);
  await using _ = fixture;
  const batch = [ownerSays("new", "m2"), ownerSays("again", "m1")];
  await expect(fixture.state.sessions.append(id, batch)).rejects.toMatchObject({ code: "already_exists" });
  expect(await fixture.state.sessions.history(id, {})).toHaveLength(1);
  expect(await fixture.state.sessions.search("new", { limit: 5 })).toEqual([]);
  expect(await fixture.state.verify()).toEqual([]);
});

test("a compaction is kept beside the messages it stands for", async () => {
  const { fixture, id } = await withMessages(4);
  await using _ = fixture;
  const { sessions } = fixture.state;
  const compaction = {
    throughSeq: 3,
    summary: [
      { type: "text" as const, text: "so far", origin: { kind: "model" as const, from: ["owner" as const] } },
    ],
    messagesCompacted: 3,
    createdAtMs: 9,
  };
  await sessions.compact(id, compaction);
  expect(await sessions.compaction(id)).toEqual(compaction);
  await sessions.compact(id, { ...compaction, throughSeq: 4 });
  expect(await sessions.compaction(id)).toEqual({ ...compaction, throughSeq: 4 });
  expect(await sessions.history(id, {})).toHaveLength(4);
  await expect(sessions.compact(id, { ...compaction, throughSeq: 5 })).rejects.toMatchObject({
    code: "invalid",
  });
});

test("a read of the newest messages verifies them without reading the rest, a read of the rest finds what is wrong there", async () => {
  const { fixture, id } = await withMessages(20);
  await using _ = fixture;
  await fixture.close();
  const raw = await rawDatabase(fixture.dir, fixture.keys);
  raw.exec("UPDATE messages SET content = replace(content, 'text 3', 'lies 3') WHERE seq = 3");
  raw.close();
  const { sessions, damage } = await fixture.reopen();
  expect(await sessions.history(id, { limit: 5, intactOnly: true })).toHaveLength(5);
  expect(damage()).toEqual([]);
  await expect(sessions.history(id, { intactOnly: true })).rejects.toMatchObject({ code: "session_damaged" });
  expect(await sessions.history(id, {})).toHaveLength(20);
  expect(damage()).toMatchObject([{ scope: "session", name: "cli-chat" }]);
  expect(damage()[0]?.say).toContain("the text of message 3");
});

test("of a damaged history the newest that can be read are shown, within the range asked for", async () => {
  const { fixture, id } = await withMessages(10);
  await using _ = fixture;
  await fixture.close();
  const raw = await rawDatabase(fixture.dir, fixture.keys);
  raw.exec("UPDATE messages SET role = 'nobody' WHERE id = 'm4'; DELETE FROM messages WHERE id = 'm8'");
  raw.close();
  const { sessions } = await fixture.reopen();
  const ids = async (range: Parameters<typeof sessions.history>[1]) =>
    (await sessions.history(id, range)).map((message) => message.id);
  expect(await ids({})).toEqual(["m1", "m2", "m3", "m5", "m6", "m7", "m9", "m10"]);
  expect(await ids({ limit: 3 })).toEqual(["m7", "m9", "m10"]);
  expect(await ids({ beforeSeq: 4, limit: 2 })).toEqual(["m2", "m3"]);
  expect(await ids({ afterSeq: 8 })).toEqual(["m9", "m10"]);
  await expect(sessions.history(id, { limit: 1, intactOnly: true })).rejects.toMatchObject({
    code: "session_damaged",
  });
});
