import { expect, test } from "bun:test";
import { type RunId, SessionKey } from "@carapace/protocol";
import { ownerSays, runOf, temporaryState } from "../testing/index.ts";
import { assertStorable } from "./stored.ts";

const half = "a\ud800b";
const replaced = "a\ufffdb";
const refusal = { code: "invalid", message: expect.stringContaining("half a character") };
// A caller that did not parse what it was given.
const key = (text: string) => text as SessionKey;

test.each(["", "plain", "\ufffd", "😀", "e\u0301"])("%j is kept as it is", (text) => {
  expect(() => assertStorable("The name", text)).not.toThrow();
});

test.each(["\ud800", "\udc00", "a\ude00\ud83d", "\ud83d"])(
  "half a surrogate pair in %j is refused",
  (text) => {
    expect(() => assertStorable("The name", text)).toThrow("The name holds half a character");
  },
);

test("a NUL is refused", () => {
  expect(() => assertStorable("The name", "a\0b")).toThrow("The name holds a NUL character");
});

test("names, keys and ids with half a character are refused, and nothing of them is sealed or stored", async () => {
  await using at = await temporaryState();
  const { sessions, runs, memory, settings, usage } = at.state;
  const { id } = await sessions.upsert(SessionKey.parse("whole"), {}, 1);
  const note = { key: "k", value: "v", origin: { kind: "owner" }, updatedAtMs: 1 } as const;
  const entry = { provider: "p", model: half, sessionKey: SessionKey.parse("whole"), agentId: "main" };
  const refused = [
    sessions.upsert(key(half), {}, 1),
    sessions.append(id, [ownerSays("hi", half)]),
    runs.accept({ ...runOf("run", "whole", "hi"), runId: half as RunId }),
    memory.write(half, note),
    memory.write("main", { ...note, key: half }),
    memory.write("main", { ...note, value: half }),
    settings.set(half, 1),
    usage.record({ ...entry, usage: { inputTokens: 1, outputTokens: 1 }, costUsd: 0, atMs: 1 }),
  ];
  for (const attempt of refused) await expect(attempt).rejects.toMatchObject(refusal);
  const state = await at.reopen();
  expect(await state.verify()).toEqual([]);
  expect(await state.sessions.list({})).toMatchObject([{ key: "whole", messageCount: 0 }]);
  expect(await state.memory.list("main")).toEqual([]);
  expect(await state.usage.days(0)).toEqual([]);
});

test("half a character is never taken for the sign that the engine writes in its place", async () => {
  await using at = await temporaryState();
  const { sessions, settings, memory } = at.state;
  await sessions.upsert(SessionKey.parse(replaced), {}, 1);
  await settings.set(replaced, 1);
  await memory.write("main", { key: replaced, value: "v", origin: { kind: "owner" }, updatedAtMs: 1 });
  for (const reading of [sessions.find(half), settings.get(half), memory.read("main", half)])
    await expect(reading).rejects.toMatchObject(refusal);
});

test("what people write may hold half a character: it is stored as JSON, found, archived and put back unchanged", async () => {
  await using at = await temporaryState();
  const { sessions } = at.state;
  const { id } = await sessions.upsert(SessionKey.parse("whole"), { name: half, agentId: half }, 1);
  await sessions.append(id, [ownerSays(`hello ${half} world`)]);
  expect(await sessions.search(`hello ${half}`, { limit: 5 })).toMatchObject([{ sessionKey: "whole" }]);
  expect(await sessions.archive(id, true, 2)).toMatchObject({ label: replaced });
  const state = await at.reopen();
  expect(await state.sessions.archives(5, 0)).toMatchObject({ archives: [{ label: replaced }] });
  expect(await state.sessions.restoreArchive(id, 3)).toBe(1);
  expect(await state.sessions.history(id, {})).toMatchObject([{ blocks: [{ text: `hello ${half} world` }] }]);
  expect(await state.sessions.findById(id)).toMatchObject({ metadata: { name: half } });
  expect(await state.verify()).toEqual([]);
});
