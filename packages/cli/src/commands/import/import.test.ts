import { expect, test } from "bun:test";
import { cpSync, existsSync, mkdirSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import { isRecord } from "@carapace/protocol";
import { acquireInstanceLock, openState, systemStateKeys } from "@carapace/state";
import { fillDirectory, type ReferenceDirectory, referenceDirectory } from "@carapace/state/testing";
import { emptyHome, type Home, launcher, runCara } from "../../../testing/cara.ts";
import { freePort } from "../../../testing/port.ts";
import { openScreen } from "../../../testing/terminal.ts";

const password = "the old password";

/** A filled directory of the reference, its notes inside, as on a disk of another machine. */
async function filled(options: Parameters<typeof referenceDirectory>[0] = {}): Promise<ReferenceDirectory> {
  const directory = await referenceDirectory(options);
  fillDirectory(directory);
  cpSync(directory.memoryDir, join(directory.path, "memory"), { recursive: true });
  return directory;
}

async function storedSessions(home: Home, env: Record<string, string> = {}): Promise<number> {
  const keys = systemStateKeys({
    dir: home.stateDir,
    env: { ...home.env, ...env },
    password: undefined,
    nowMs: Date.now,
  });
  await using state = await openState({ dir: home.stateDir, keys, newId: () => crypto.randomUUID() });
  return await state.sessions.count();
}

test("a dry run shows what is there, and makes no database", async () => {
  using home = emptyHome();
  using directory = await filled();
  const before = directory.fingerprint();
  const ran = await runCara(["import", "carapace", directory.path, "--dry-run"], { home });
  expect([ran.code, ran.stderr]).toEqual([0, expect.stringContaining("This was a dry run")]);
  expect(ran.stdout).toMatch(/Sessions +3 +3 /);
  expect(ran.stdout).toMatch(/Notes +3 +3 /);
  expect(ran.stdout).toContain("skipped: matrix/recovery_key");
  expect(existsSync(join(home.stateDir, "state.db"))).toBe(false);
  expect(directory.fingerprint()).toBe(before);
});

test("nothing is imported without a yes, and all of it with one, once", async () => {
  using home = emptyHome();
  using directory = await filled();
  const before = directory.fingerprint();
  const refused = await runCara(["import", "carapace", directory.path], { home });
  expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining("--yes")]);
  expect(existsSync(join(home.stateDir, "state.db"))).toBe(false);
  const done = await runCara(["import", "carapace", directory.path, "--yes"], { home });
  expect([done.code, done.stderr]).toEqual([0, expect.stringContaining("were imported")]);
  expect(await storedSessions(home)).toBe(3);
  expect(done.stderr).toContain("Sign-ins at model providers: 1;");
  expect(readdirSync(home.stateDir)).toContain("auth_profiles.json");
  const audit = await runCara(["audit", "tail", "--json"], { home });
  expect(audit.stdout).toContain('"state_imported"');
  expect(audit.stdout).toContain('"audit_imported"');
  const again = await runCara(["import", "carapace", directory.path], { home });
  expect([again.code, again.stderr]).toEqual([0, expect.stringContaining("nothing new to import")]);
  expect(directory.fingerprint()).toBe(before);
});

test("the reference's files may lie beside the database", async () => {
  using home = emptyHome();
  using directory = await filled();
  mkdirSync(home.stateDir, { mode: 0o700 });
  cpSync(directory.path, home.stateDir, { recursive: true });
  const ran = await runCara(["import", "carapace", "--yes", "--json"], { home });
  expect(ran.code).toBe(0);
  const report: unknown = JSON.parse(ran.stdout);
  const stores = isRecord(report) && isRecord(report["stores"]) ? report["stores"] : {};
  expect(stores["sessions"]).toMatchObject({ found: 3, imported: 3 });
  expect(readdirSync(home.stateDir)).toContain("sessions");
  expect(statSync(join(home.stateDir, "state.db")).mode & 0o777).toBe(0o600);
});

test("encrypted sessions are told to be locked without the password, and imported with it later", async () => {
  using home = emptyHome();
  using directory = await filled({ password });
  const first = await runCara(["import", "carapace", directory.path, "--yes"], { home });
  expect(first.code).toBe(0);
  expect(first.stdout).toMatch(/Sessions +3 +- +- +- +3/);
  expect(first.stderr).toContain("CARAPACE_CONFIG_PASSWORD");
  const wrong = await runCara(["import", "carapace", directory.path, "--dry-run"], {
    home,
    env: { CARAPACE_CONFIG_PASSWORD: "wrong" },
  });
  expect(wrong.stdout).toContain("The password does not fit");
  expect(wrong.stdout + wrong.stderr).not.toContain("wrong ");
  const right = await runCara(["import", "carapace", directory.path, "--yes"], {
    home,
    env: { CARAPACE_CONFIG_PASSWORD: password },
  });
  expect(right.stdout).toMatch(/Sessions +3 +3 /);
  expect(right.stdout + right.stderr).not.toContain(password);
});

test("on a terminal the password of locked sessions is asked for without showing it, then the yes", async () => {
  using home = emptyHome();
  using directory = await filled({ password });
  await using screen = openScreen(["import", "carapace", directory.path], home.env);
  await screen.until("leave them): ");
  screen.type(`${password}\r`);
  await screen.until("[y/N] ");
  screen.type("y\n");
  expect([await screen.exited, screen.all()]).toEqual([0, expect.stringContaining("were imported")]);
  expect(screen.all()).not.toContain(password);
  expect(await storedSessions(home)).toBe(3);
});

test("while a gateway runs on either directory nothing is imported", async () => {
  using home = emptyHome();
  using directory = await filled();
  const at = async (dir: string) => {
    const lock = await acquireInstanceLock(dir);
    if (!lock.ok) throw new Error(lock.say);
    await using _held = lock.value;
    return await runCara(["import", "carapace", directory.path, "--yes"], { home });
  };
  for (const dir of [home.stateDir, directory.path]) {
    const ran = await at(dir);
    expect([ran.code, ran.stderr]).toEqual([1, expect.stringContaining("stop it")]);
  }
  expect(existsSync(join(home.stateDir, "state.db"))).toBe(false);
});

test("a directory that is missing, or holds nothing of the reference, is refused with what to do", async () => {
  using home = emptyHome();
  const missing = await runCara(["import", "carapace", join(home.folder, "none")], { home });
  expect([missing.code, missing.stderr]).toEqual([1, expect.stringContaining("there is no directory")]);
  mkdirSync(join(home.folder, "empty"));
  const empty = await runCara(["import", "carapace", join(home.folder, "empty")], { home });
  expect([empty.code, empty.stderr]).toEqual([1, expect.stringContaining("nothing of the reference")]);
});

test("a disk that fills up keeps what was imported before, and the same command goes on", async () => {
  using home = emptyHome();
  using directory = await referenceDirectory();
  for (let n = 1; n <= 8; n += 1) {
    const id = `${String(n).repeat(8)}-2222-3333-4444-555555555555`;
    directory.session(id, `chat:${n}`, { lines: [{ content: `${n} of some length `.repeat(8000) }] });
  }
  expect(
    (await runCara(["chat", "--port", String(await freePort()), "--message", "hi"], { home })).code,
  ).toBe(0);
  const limited = `ulimit -f 900; exec "${launcher}" import carapace "$0" --yes`;
  const child = Bun.spawn(["bash", "-c", limited, directory.path], {
    env: home.env,
    stderr: "pipe",
    stdout: "pipe",
  });
  const [said, code] = await Promise.all([child.stderr.text(), child.exited]);
  expect(code).toBe(1);
  expect(said).toContain("What was imported so far stays");
  const kept = await storedSessions(home);
  expect(kept).toBeWithin(2, 8);
  expect((await runCara(["import", "carapace", directory.path, "--yes"], { home })).code).toBe(0);
  expect(await storedSessions(home)).toBe(9);
});
