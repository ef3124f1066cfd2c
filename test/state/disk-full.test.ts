import { expect, test } from "bun:test";
import { readdir } from "node:fs/promises";
import { fileKeyStore, openState } from "@carapace/state";
import { startWriter, temporaryDirectory } from "./support/spawn.ts";

test("when no file can grow any more, the write is refused in words and everything acknowledged is there", async () => {
  await using at = await temporaryDirectory();
  await using writer = startWriter(at.dir, 1, { paddingBytes: 30_000, fileBlocks: 600 });
  expect(await writer.exited).toBe(0);
  expect(writer.lines.at(-1)).toMatch(/^failed (disk_full|io) .*state\.db/);
  expect(writer.lines.length).toBeGreaterThan(10);
  await using state = await openState({
    dir: at.dir,
    keys: fileKeyStore(at.dir),
    newId: () => crypto.randomUUID(),
  });
  expect(await state.verify()).toEqual([]);
  const found = new Set<string>();
  for (const { id } of await state.sessions.list({})) {
    for (const message of await state.sessions.history(id, { intactOnly: true })) found.add(message.id);
  }
  const acknowledged = writer.lines
    .filter((line) => line.startsWith("m "))
    .map((line) => line.split(" ")[2] ?? "");
  for (const id of acknowledged) expect(found.has(id)).toBe(true);
  const [run] = await state.runs.unfinished();
  if (run !== undefined) expect(await state.runs.finish(run.id, { status: "failed" }, 1)).toBe(true);
});

test("a state that cannot be founded for want of space leaves no half database", async () => {
  await using at = await temporaryDirectory();
  await using writer = startWriter(at.dir, 1, { fileBlocks: 8 });
  expect(await writer.exited).toBe(0);
  expect(writer.lines.at(-1)).toMatch(/^failed (disk_full|io) .*state\.db/);
  expect((await readdir(at.dir)).filter((name) => name !== "state.key")).toEqual([]);
  await using state = await openState({
    dir: at.dir,
    keys: fileKeyStore(at.dir),
    newId: () => crypto.randomUUID(),
  });
  expect(await state.verify()).toEqual([]);
});
