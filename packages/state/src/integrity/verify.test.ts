import { expect, test } from "bun:test";
import { RunId, SessionKey } from "@carapace/protocol";
import { ownerSays, rawDatabase, runOf, temporaryState } from "../testing/index.ts";
import type { State } from "../types.ts";

const chat = SessionKey.parse("chat");

function usageOf(atMs: number) {
  const usage = { inputTokens: 1, outputTokens: 1 };
  return { provider: "p", model: "p:m", sessionKey: chat, agentId: "main", usage, costUsd: 0, atMs };
}

async function fill(state: State, count: number): Promise<string> {
  const { id } = await state.sessions.upsert(chat, {}, 1);
  await state.sessions.append(
    id,
    Array.from({ length: count }, (_, n) => ownerSays(`text ${n}`)),
  );
  for (let n = 0; n < count / 4; n++) {
    const key = `key ${n}`;
    await state.memory.write("main", { key, value: "v", origin: { kind: "owner" }, updatedAtMs: 1 });
    await state.runs.accept(runOf(`run-${n}`, "chat", "hello"));
    await state.runs.finish(RunId.parse(`run-${n}`), { status: "cancelled" }, 5);
    await state.usage.record(usageOf(n));
  }
  return id;
}

/** Runs `work` beside a verification, whenever that gives way, and counts how often it did. */
async function beside(state: State, work: () => Promise<unknown>): Promise<number> {
  let turns = 0;
  let isDone = false;
  const loop = async () => {
    while (!isDone) {
      await new Promise((resolve) => setImmediate(resolve));
      turns++;
      if (!isDone) await work();
    }
  };
  const working = loop();
  expect(await state.verify()).toEqual([]);
  isDone = true;
  await working;
  return turns;
}

test("other work goes on while everything is verified, and what it changes is not taken for damage", async () => {
  await using fixture = await temporaryState();
  const { state } = fixture;
  const id = await fill(state, 1200);
  let n = 0;
  const turns = await beside(state, async () => {
    n++;
    await state.memory.write("main", {
      key: `a ${n}`,
      value: "v",
      origin: { kind: "owner" },
      updatedAtMs: 1,
    });
    await state.memory.forget("main", `key ${n}`);
    await state.usage.record(usageOf(n));
    await state.runs.accept(runOf(`late-${n}`, "chat", "hello"));
    await state.runs.finish(RunId.parse(`late-${n}`), { status: "cancelled" }, 5);
    if (n === 6) await state.usage.clear(chat);
    if (n === 3) await state.sessions.reset(id, 9);
  });
  expect(turns).toBeGreaterThan(10);
});

const brokenIndex = `PRAGMA writable_schema = ON;
  UPDATE sqlite_schema SET sql = 'CREATE INDEX usage_by_time ON usage(provider)' WHERE name = 'usage_by_time'`;

test.each([
  ["a small", 0],
  ["a large", 90],
])("a table of %s database that does not hold together is named", async (_size, pads) => {
  await using fixture = await temporaryState();
  const id = await fill(fixture.state, 4);
  for (let n = 0; n < pads; n++)
    await fixture.state.sessions.append(id, [ownerSays("some words ".repeat(5000))]);
  await fixture.close();
  const raw = await rawDatabase(fixture.dir, fixture.keys);
  raw.exec(brokenIndex);
  raw.close();
  const damage = await (await fixture.reopen()).verify();
  const said = damage.filter(({ scope }) => scope === "database").map(({ say }) => say);
  expect(said.filter((say) => say.startsWith('The table "usage" is damaged: '))).toHaveLength(1);
});

test("a stop does not wait for the check of a large table", async () => {
  await using fixture = await temporaryState();
  const { id } = await fixture.state.sessions.upsert(chat, {}, 1);
  for (let n = 0; n < 90; n++)
    await fixture.state.sessions.append(id, [ownerSays("some words ".repeat(5000))]);
  const stopping = new AbortController();
  const verifying = fixture.state.verify(stopping.signal);
  stopping.abort(new Error("stop"));
  await expect(verifying).rejects.toThrow("stop");
});
