import { expect, test } from "bun:test";
import { cpSync, existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { SessionKey } from "@carapace/protocol";
import { finishPendingChange } from "../pending.ts";
import { ownerSays } from "../testing/messages.ts";
import { readArchive } from "./archive.ts";
import { openArchiveFile } from "./archive-file.ts";
import { createBackup } from "./create.ts";
import { scanArchive } from "./scan.ts";
import { makeScratch } from "./scratch.ts";
import { type TestDirectory, testDirectory } from "./testing/directory.ts";

const program = join(import.meta.dir, "testing", "child.ts");
const passphrase = "correct horse battery";

/** Runs the child until it has printed so many lines, kills it there. @returns the lines, `done` last if it got so far */
async function killedAfter(count: number, ...args: string[]): Promise<string[]> {
  const child = Bun.spawn([process.execPath, "--no-env-file", "--no-install", program, ...args], {
    stdout: "pipe",
    stderr: "inherit",
  });
  const lines: string[] = [];
  let rest = "";
  for await (const chunk of child.stdout.pipeThrough(new TextDecoderStream())) {
    const parts = (rest + chunk).split("\n");
    rest = parts.pop() ?? "";
    lines.push(...parts);
    if (lines.length >= count) child.kill("SIGKILL");
  }
  await child.exited;
  return lines;
}

async function directory(key: string): Promise<TestDirectory> {
  const at = testDirectory();
  await using state = await at.open();
  const { id } = await state.sessions.upsert(SessionKey.parse(key), {}, 1);
  await state.sessions.append(id, [ownerSays("words", "m1")]);
  writeFileSync(at.configPath, JSON.stringify({ wizard: { of: key } }), { mode: 0o600 });
  writeFileSync(join(at.dir, "gateway-token"), key, { mode: 0o600 });
  return at;
}

async function archiveOf(at: TestDirectory): Promise<string> {
  const output = join(at.root, "archive");
  await createBackup({
    ...at.common,
    kind: "full",
    secret: passphrase,
    config: { main: at.configPath, included: [] },
    output,
    overwrite: false,
    password: undefined,
  });
  return output;
}

/** Whose state it is now, asserting that database, configuration and files are of one. */
async function ownerOf(at: TestDirectory): Promise<string> {
  finishPendingChange(at.dir, [at.configPath]);
  makeScratch(at.dir)[Symbol.dispose]();
  expect(readdirSync(at.dir).filter((name) => /^(pending|scratch)/.test(name))).toEqual([]);
  await using state = await at.open();
  expect(await state.verify()).toEqual([]);
  const owner = readFileSync(join(at.dir, "gateway-token"), "utf8");
  expect((await state.sessions.list({})).map(({ key }) => String(key))).toEqual([owner]);
  expect(JSON.parse(readFileSync(at.configPath, "utf8"))).toEqual({ wizard: { of: owner } });
  return owner;
}

function fresh(at: TestDirectory, copy: string): void {
  rmSync(at.dir, { recursive: true, force: true });
  cpSync(copy, at.dir, { recursive: true });
}

test("a restore that is killed leaves all of the old or all of the new, key and all", async () => {
  using from = await directory("new");
  const archive = await archiveOf(from);
  using at = await directory("old");
  const copy = join(at.root, "copy");
  cpSync(at.dir, copy, { recursive: true });
  const whole = await killedAfter(1e9, "restore", at.dir, archive);
  expect(whole.at(-1)).toBe("done");
  expect(await ownerOf(at)).toBe("new");
  const owners: string[] = [];
  for (const share of [0, 0.3, 0.6, 0.75, 0.85, 0.92, 0.96, 1]) {
    fresh(at, copy);
    await killedAfter(Math.max(1, Math.floor(share * (whole.length - 1))), "restore", at.dir, archive);
    owners.push(await ownerOf(at));
  }
  expect(owners[0]).toBe("old");
}, 60_000);

test("a backup that is killed leaves the archive of before, and the next one removes what it left", async () => {
  using at = await directory("mine");
  const archive = await archiveOf(at);
  const before = readFileSync(archive);
  for (const count of [1, 2, 3]) {
    await killedAfter(count, "backup", at.dir, archive);
    if (!readFileSync(archive).equals(before)) {
      using file = openArchiveFile(archive);
      await scanArchive(await readArchive(file, { passphrase: async () => passphrase }));
    }
    expect(await ownerOf(at)).toBe("mine");
  }
  expect((await killedAfter(1e9, "backup", at.dir, archive)).at(-1)).toBe("done");
  expect(readdirSync(at.root).sort()).toEqual(["archive", "state"]);
}, 60_000);

test("a reset that is killed removes everything or nothing", async () => {
  using at = await directory("mine");
  const copy = join(at.root, "copy");
  cpSync(at.dir, copy, { recursive: true });
  const whole = await killedAfter(1e9, "reset", at.dir);
  expect(whole.at(-1)).toBe("done");
  for (let count = 1; count < whole.length; count += 2) {
    fresh(at, copy);
    await killedAfter(count, "reset", at.dir);
    finishPendingChange(at.dir, [at.configPath]);
    await using state = await at.open();
    expect(await state.verify()).toEqual([]);
    const [session] = await state.sessions.list({});
    if (session !== undefined) expect(await state.sessions.history(session.id, {})).toHaveLength(1);
    expect(existsSync(at.configPath)).toBe(true);
  }
}, 60_000);
