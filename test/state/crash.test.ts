import { expect, test } from "bun:test";
import { fileKeyStore, openState } from "@carapace/state";
import { seeded, startWriter, temporaryDirectory } from "./support/spawn.ts";

test("whatever was acknowledged survives 50 kills at random points, and the database stays whole", async () => {
  const random = seeded(50);
  await using at = await temporaryDirectory();
  const messages = new Map<string, string>();
  const accepted = new Set<string>();
  const ended = new Set<string>();
  for (let round = 0; round < 50; round++) {
    await using writer = startWriter(at.dir, round);
    await writer.printed(1 + Math.floor(random() * 60));
    await writer.kill();
    for (const line of writer.lines) {
      const [kind, first = "", second = ""] = line.split(" ");
      expect(kind).not.toBe("failed");
      if (kind === "m") messages.set(second, first);
      if (kind === "r") accepted.add(first);
      if (kind === "e") ended.add(first);
    }
    await expectWhole(at.dir, { messages, accepted, ended });
  }
  expect(messages.size).toBeGreaterThan(200);
}, 120_000);

interface Acknowledged {
  readonly messages: ReadonlyMap<string, string>;
  readonly accepted: ReadonlySet<string>;
  readonly ended: ReadonlySet<string>;
}

async function expectWhole(dir: string, { messages, accepted, ended }: Acknowledged): Promise<void> {
  await using state = await openState({ dir, keys: fileKeyStore(dir), newId: () => crypto.randomUUID() });
  expect(await state.verify()).toEqual([]);
  const found = new Map<string, string>();
  for (const { id: sessionId } of await state.sessions.list({})) {
    for (const { id } of await state.sessions.history(sessionId, { intactOnly: true })) {
      expect(found.has(id)).toBe(false);
      found.set(id, sessionId);
    }
  }
  for (const [id, sessionId] of messages) expect(found.get(id)).toBe(sessionId);
  const open = new Set((await state.runs.unfinished()).map(({ id }) => String(id)));
  for (const id of accepted)
    expect(open.has(id) || (await state.runs.find(id))?.endedAtMs !== undefined).toBe(true);
  for (const id of ended) expect((await state.runs.find(id))?.status).toBe("completed");
  for (const run of await state.runs.unfinished())
    await state.runs.finish(run.id, { status: "failed", error: "interrupted" }, 1);
}
