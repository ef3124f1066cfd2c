import { expect, test } from "bun:test";
import { readdir, readFile, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { SessionKey } from "@carapace/protocol";
import { fileKeyStore, openState } from "@carapace/state";
import { modelSays, ownerSays, runOf } from "@carapace/state/testing";
import { startWriter, temporaryDirectory } from "./support/spawn.ts";

/** Words that were given to the state, and that must stand nowhere in clear. */
const secrets = [
  "plaintext-canary",
  "Canary",
  "canary-session",
  "canary-note",
  "canary-model",
  "canary-device",
  "SQLite format",
];

async function filesUnder(dir: string): Promise<string[]> {
  const entries = await readdir(dir, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map((entry) => join(entry.parentPath, entry.name));
}

/** In bytes and in UTF-16; letters in any case, since the search index keeps them small. */
async function expectNoPlaintext(dir: string): Promise<void> {
  const files = await filesUnder(dir);
  expect(files.length).toBeGreaterThan(1);
  for (const file of files) {
    const content = await readFile(file);
    const texts = [content.toString("latin1").toLowerCase(), content.toString("utf16le").toLowerCase()];
    for (const secret of secrets) {
      for (const text of texts)
        expect(text.includes(secret.toLowerCase()) ? `${secret} in ${file}` : "").toBe("");
    }
    expect((await stat(file)).mode & 0o077).toBe(0);
  }
}

test("nothing that was stored stands in clear in any file, while open and after closing", async () => {
  await using at = await temporaryDirectory();
  const temporary = new Set(await readdir(tmpdir()));
  const state = await openState({
    dir: at.dir,
    keys: fileKeyStore(at.dir),
    newId: () => crypto.randomUUID(),
  });
  const sessionKey = SessionKey.parse("canary-session");
  const { id } = await state.sessions.upsert(sessionKey, { name: "Canary", agentId: "main" }, 1);
  for (let n = 0; n < 400; n++)
    await state.sessions.append(id, [ownerSays(`plaintext-canary ${n} `.repeat(100))]);
  await state.sessions.compact(id, {
    throughSeq: 9,
    summary: modelSays("plaintext-canary").blocks,
    messagesCompacted: 9,
    createdAtMs: 1,
  });
  await state.sessions.archive(id, false, 5);
  await state.runs.accept(runOf("canary-run", "canary-session-2", "plaintext-canary input"));
  await state.memory.write("main", {
    key: "canary-note",
    value: "plaintext-canary",
    origin: { kind: "owner" },
    updatedAtMs: 1,
  });
  const usage = { inputTokens: 1, outputTokens: 1 };
  await state.usage.record({
    provider: "p",
    model: "canary-model",
    sessionKey,
    agentId: "main",
    usage,
    costUsd: 1,
    atMs: 1,
  });
  await state.devices.save({
    deviceId: "canary-device",
    publicKey: "k",
    roles: [],
    scopes: [],
    createdAtMs: 1,
    approvedAtMs: 1,
  });
  await state.settings.set("canary-setting", "plaintext-canary");
  expect(await state.sessions.search("canary", { limit: 3 })).toHaveLength(3);
  await expectNoPlaintext(at.dir);
  await state.sessions.delete(id);
  await expectNoPlaintext(at.dir);
  await state[Symbol.asyncDispose]();
  await expectNoPlaintext(at.dir);
  const left = (await readdir(tmpdir())).filter((name) => !temporary.has(name));
  expect(left.filter((name) => /sqlite|etilqs/i.test(name))).toEqual([]);
});

test("nothing stands in clear after a writer was killed in the middle", async () => {
  await using at = await temporaryDirectory();
  await using writer = startWriter(at.dir, 1, { paddingBytes: 20_000 });
  await writer.printed(80);
  await writer.kill();
  expect(writer.lines.some((line) => line.startsWith("failed"))).toBe(false);
  await expectNoPlaintext(at.dir);
});
