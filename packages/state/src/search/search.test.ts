import { expect, test } from "bun:test";
import { SessionKey } from "@carapace/protocol";
import { modelSays, ownerSays, temporaryState } from "../testing/index.ts";

async function library() {
  const fixture = await temporaryState();
  const { sessions } = fixture.state;
  const a = await sessions.upsert(SessionKey.parse("a"), { agentId: "main" }, 1);
  const b = await sessions.upsert(SessionKey.parse("b"), { agentId: "other" }, 2);
  await sessions.append(a.id, [
    ownerSays("The grey heron stands in the café", "m1"),
    modelSays("Herons eat fish", "m2"),
  ]);
  await sessions.append(b.id, [
    ownerSays("a heron AND a stork", "m3"),
    ownerSays("私は寿司が好きです", "m4"),
  ]);
  const find = async (query: string, options: { agentId?: string; sessionId?: string } = {}) =>
    (await fixture.state.sessions.search(query, { limit: 10, ...options }))
      .map(({ messageId }) => messageId)
      .sort();
  return { fixture, a, b, find };
}

test("all words must be there, in any case and without accents; a star asks for a prefix", async () => {
  const { fixture, find } = await library();
  await using _ = fixture;
  expect(await find("HERON")).toEqual(["m1", "m3"]);
  expect(await find("heron*")).toEqual(["m1", "m2", "m3"]);
  expect(await find("heron cafe")).toEqual(["m1"]);
  expect(await find("heron fish")).toEqual([]);
  expect(await find("寿司")).toEqual(["m4"]);
});

test("a search stays within a session or an agent if asked to, also after the agent changed", async () => {
  const { fixture, a, b, find } = await library();
  await using _ = fixture;
  expect(await find("heron", { sessionId: b.id })).toEqual(["m3"]);
  expect(await find("heron", { agentId: "main" })).toEqual(["m1"]);
  expect(await find("heron", { agentId: "main", sessionId: b.id })).toEqual([]);
  await fixture.state.sessions.upsert(a.key, { agentId: "other" }, 3);
  expect(await find("heron", { agentId: "other" })).toEqual(["m1", "m3"]);
});

test.each([
  "",
  "   ",
  '"',
  "*",
  "AND",
  "NOT heron OR",
  "heron)",
  "(",
  "body:heron",
  "scope : s",
  "a NEAR b",
  "-heron",
  "^x",
  "\0",
  "';--",
  '"" ""',
  "{a b}: c",
])("the query %j is taken literally and never fails", async (query) => {
  const { fixture, find } = await library();
  await using _ = fixture;
  expect(Array.isArray(await find(query))).toBe(true);
});

test("operators are words, not operators", async () => {
  const { fixture, find } = await library();
  await using _ = fixture;
  expect(await find("heron AND stork")).toEqual(["m3"]);
  expect(await find("heron OR fish")).toEqual([]);
  expect(await find("body:heron")).toEqual([]);
});

test("a hit tells where it is, a part of its text and where that came from", async () => {
  const { fixture, a } = await library();
  await using _ = fixture;
  const [hit] = await fixture.state.sessions.search("fish", { limit: 10 });
  expect(hit).toEqual({
    sessionKey: a.key,
    sessionId: a.id,
    messageId: "m2",
    seq: 2,
    role: "assistant",
    snippet: "Herons eat fish",
    createdAtMs: 1_764_000_000_000,
    origins: [{ kind: "model" }],
  });
});
