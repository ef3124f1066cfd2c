import { expect, test } from "bun:test";
import { SessionKey } from "@carapace/protocol";
import fc from "fast-check";
import type { SessionRow } from "../sessions/row.ts";
import { ownerSays, rawDatabase, temporaryState } from "../testing/index.ts";
import type { HistoryRange, NewMessage } from "../types.ts";
import { type KeptMessage, Tails } from "./tails.ts";

const chat = SessionKey.parse("chat");

async function chatOf(count: number) {
  const fixture = await temporaryState();
  const { id } = await fixture.state.sessions.upsert(chat, {}, 1);
  for (let n = 1; n <= count; n++) await fixture.state.sessions.append(id, [ownerSays(`text ${n}`, `m${n}`)]);
  return { fixture, id };
}

test("whatever was read before, every part of a history reads as it does from the file", async () => {
  const { fixture, id } = await chatOf(30);
  await using _ = fixture;
  const whole = await (await fixture.reopen()).sessions.history(id, {});
  const seq = fc.option(fc.integer({ min: 0, max: 33 }), { nil: undefined });
  const ranges = fc.array(fc.record({ limit: seq, beforeSeq: seq, afterSeq: seq }), { maxLength: 6 });
  await fc.assert(
    fc.asyncProperty(ranges, async (list) => {
      const { sessions } = await fixture.reopen();
      for (const given of list) {
        const range: HistoryRange = JSON.parse(JSON.stringify(given));
        const { limit = 99, beforeSeq = 99, afterSeq = 0 } = range;
        const part = whole.filter((message) => message.seq > afterSeq && message.seq < beforeSeq);
        const expected = part.slice(Math.max(0, part.length - limit));
        expect(await sessions.history(id, range)).toEqual(expected);
      }
    }),
    { seed: 5, numRuns: 40 },
  );
});

test("what joins a history after it was read is there, as it would be read from the file", async () => {
  const { fixture, id } = await chatOf(3);
  await using _ = fixture;
  const { sessions } = fixture.state;
  await sessions.history(id, {});
  const given: NewMessage = { ...ownerSays("new", "m4"), metadata: { gone: undefined, kept: 1 } };
  await sessions.append(id, [given, ownerSays("newer", "m5")]);
  const read = await sessions.history(id, {});
  expect(read[3]?.metadata).toStrictEqual({ kept: 1 });
  expect(await (await fixture.reopen()).sessions.history(id, {})).toStrictEqual(read);
});

test("an append that failed half-way leaves nothing behind in later reads", async () => {
  const { fixture, id } = await chatOf(3);
  await using _ = fixture;
  const { sessions } = fixture.state;
  await sessions.history(id, {});
  await expect(sessions.append(id, [ownerSays("a", "m4"), ownerSays("b", "m1")])).rejects.toThrow();
  expect((await sessions.history(id, {})).map((message) => message.id)).toEqual(["m1", "m2", "m3"]);
  await sessions.append(id, [ownerSays("a", "m4")]);
  expect(await sessions.history(id, { afterSeq: 3 })).toMatchObject([{ id: "m4", seq: 4 }]);
});

test("a history that was emptied is not remembered", async () => {
  const { fixture, id } = await chatOf(3);
  await using _ = fixture;
  const { sessions } = fixture.state;
  await sessions.history(id, {});
  await sessions.reset(id, 5);
  expect(await sessions.history(id, {})).toEqual([]);
  await sessions.append(id, [ownerSays("first again", "m1")]);
  expect(await sessions.history(id, {})).toMatchObject([{ seq: 1, id: "m1" }]);
});

test("what another process changed is noticed, though it was read before", async () => {
  const { fixture, id } = await chatOf(3);
  await using _ = fixture;
  const { sessions } = fixture.state;
  await sessions.history(id, {});
  const raw = await rawDatabase(fixture.dir, fixture.keys);
  raw.exec("UPDATE messages SET content = replace(content, 'text 2', 'lies 2')");
  raw.close();
  await expect(sessions.history(id, { intactOnly: true })).rejects.toMatchObject({ code: "session_damaged" });
});

function sessionAt(id: string, headSeq: number): SessionRow {
  return {
    id,
    key: id,
    status: "active",
    metadata: {},
    generation: "g",
    headSeq,
    headMac: new Uint8Array([headSeq]),
    openRuns: new Uint8Array(),
    compactionMac: undefined,
    archiveMac: undefined,
    createdAtMs: 1,
    updatedAtMs: 1,
  };
}

function messages(sessionId: string, [from, to]: [number, number], size: number): KeptMessage[] {
  return Array.from({ length: to - from + 1 }, (_, index) => {
    const seq = from + index;
    return { message: { ...ownerSays("x", `${sessionId}-${seq}`), sessionId, seq }, size };
  });
}

test("a long tail loses its oldest messages", () => {
  const tails = new Tails();
  tails.keep(sessionAt("a", 10), messages("a", [1, 10], 200_000), 11);
  expect(tails.find(sessionAt("a", 10), 4, 11)).toBeUndefined();
  expect(tails.find(sessionAt("a", 10), 5, 11)?.map(({ seq }) => seq)).toEqual([6, 7, 8, 9, 10]);
  tails.extend(sessionAt("a", 10), messages("a", [11, 11], 200_000)[0], new Uint8Array([11]));
  expect(tails.find(sessionAt("a", 11), 5, 12)).toBeUndefined();
  expect(tails.find(sessionAt("a", 11), 6, 12)).toHaveLength(5);
});

test("one message larger than the room is not kept", () => {
  const tails = new Tails();
  tails.keep(sessionAt("a", 1), messages("a", [1, 1], 9_000_000), 2);
  expect(tails.find(sessionAt("a", 1), 0, 2)).toBeUndefined();
});

test("sessions not used for longest go first", () => {
  const tails = new Tails();
  for (const id of ["a", "b", "c", "d"]) tails.keep(sessionAt(id, 1), messages(id, [1, 1], 1_000_000), 2);
  expect(tails.find(sessionAt("a", 1), 0, 2)).toHaveLength(1);
  tails.keep(sessionAt("e", 1), messages("e", [1, 1], 1_000_000), 2);
  const kept = ["a", "b", "c", "d", "e"].filter((id) => tails.find(sessionAt(id, 1), 0, 2) !== undefined);
  expect(kept).toEqual(["a", "c", "d", "e"]);
});

test("earlier messages join the tail only where they touch it", () => {
  const tails = new Tails();
  const session = sessionAt("a", 9);
  tails.keep(session, messages("a", [7, 9], 1), 10);
  tails.keep(session, messages("a", [1, 3], 1), 4);
  expect(tails.find(session, 0, 10)).toBeUndefined();
  tails.keep(session, messages("a", [4, 6], 1), 7);
  expect(tails.find(session, 3, 10)?.map(({ seq }) => seq)).toEqual([4, 5, 6, 7, 8, 9]);
});

test("a tail does not count for a session whose head is another one", () => {
  const tails = new Tails();
  tails.keep(sessionAt("a", 2), messages("a", [1, 2], 1), 3);
  expect(tails.find(sessionAt("a", 3), 0, 3)).toBeUndefined();
  expect(tails.find({ ...sessionAt("a", 2), generation: "other" }, 0, 3)).toBeUndefined();
  expect(tails.find({ ...sessionAt("a", 2), headMac: new Uint8Array([9]) }, 0, 3)).toBeUndefined();
});
