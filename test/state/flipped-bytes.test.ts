import { expect, test } from "bun:test";
import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { type MemoryEntry, type Message, openState, type State } from "@carapace/state";
import { ownerSays } from "@carapace/state/testing";
import { seeded, temporaryDirectory } from "./support/spawn.ts";
import { furnished } from "./support/tampering.ts";

test("flipped bytes anywhere in the closed file are refused, detected or without effect; never believed", async () => {
  const random = seeded(20_261_122);
  await using fixture = await furnished();
  const { sessions, memory } = fixture.state;
  // Enough that the pages in use outweigh those of empty tables, where a flip is without effect.
  for (let n = 0; n < 60; n++)
    await sessions.append(fixture.victimId, [ownerSays("some words to fill the pages ".repeat(50))]);
  const whole = {
    victim: await sessions.history(fixture.victimId, {}),
    bystander: await sessions.history(fixture.bystanderId, {}),
    notes: await memory.list("main"),
  };
  await fixture.close();
  const original = await readFile(join(fixture.dir, "state.db"));
  const outcomes = { refused: 0, detected: 0, withoutEffect: 0 };
  for (let round = 0; round < 120; round++) {
    await using copy = await temporaryDirectory();
    const flipped = Buffer.from(original);
    const at = Math.floor(random() * flipped.length);
    flipped[at] = (flipped[at] ?? 0) ^ (1 << Math.floor(random() * 8));
    await writeFile(join(copy.dir, "state.db"), flipped, { mode: 0o600 });
    outcomes[await outcomeOf(copy.dir, fixture, whole)]++;
  }
  expect(outcomes.refused + outcomes.detected).toBeGreaterThan(30);
}, 60_000);

interface Whole {
  readonly victim: readonly Message[];
  readonly bystander: readonly Message[];
  readonly notes: readonly MemoryEntry[];
}

async function outcomeOf(
  dir: string,
  fixture: Awaited<ReturnType<typeof furnished>>,
  whole: Whole,
): Promise<"refused" | "detected" | "withoutEffect"> {
  let state: State;
  try {
    state = await openState({ dir, keys: fixture.keys, newId: () => crypto.randomUUID() });
  } catch (error) {
    expect(error).toMatchObject({
      name: "StateError",
      code: expect.stringMatching(/^(corrupt|wrong_key|not_a_database|newer_schema)$/),
    });
    expect(String(error)).toContain(join(dir, "state.db"));
    return "refused";
  }
  const damage = await state.verify();
  const read = (id: string) =>
    state.sessions.history(id, { intactOnly: true }).catch((error: unknown) => error);
  for (const [id, messages] of [
    [fixture.victimId, whole.victim],
    [fixture.bystanderId, whole.bystander],
  ] as const) {
    const history = await read(id);
    if (Array.isArray(history) && history.length > 0) expect(history).toEqual([...messages]);
    else expect(damage).not.toBeEmpty();
  }
  for (const note of await state.memory.list("main").catch(() => []))
    expect(whole.notes).toContainEqual(note);
  await state[Symbol.asyncDispose]();
  return damage.length > 0 ? "detected" : "withoutEffect";
}
