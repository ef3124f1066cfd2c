import { afterAll, beforeAll, expect, test } from "bun:test";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { Crash, faultySteps } from "@carapace/files/testing";
import { startTestGateway } from "@carapace/gateway/testing";
import { openState, type State, systemStateKeys } from "@carapace/state";
import { openArchiveFile, readArchive, restoreBackup, scanArchive } from "@carapace/state/backup";
import { emptyHome, type Home, launcher, runCara } from "../../../testing/cara.ts";
import { openScreen } from "../../../testing/terminal.ts";

const passphrase = "four words for one archive";
const config = '{\n  "gateway": {\n    "port": 18999\n  }\n}\n';

/** A home with a conversation, a note, a schedule and a configuration; its archives. */
let from: Home;
const archive = (name: "plain" | "full"): string => join(from.folder, name);
beforeAll(async () => {
  from = emptyHome();
  expect((await runCara(["chat", "--port", "0", "-m", "what is 6*7?"], { home: from })).code).toBe(0);
  await using state = await stateOf(from);
  await state.memory.write("default", {
    key: "colour",
    value: "a heron's grey",
    origin: { kind: "owner" },
    updatedAtMs: 1,
  });
  await state.cron.save({
    id: "morning",
    name: "morning",
    enabled: false,
    createdAtMs: 1,
    updatedAtMs: 1,
    schedule: { kind: "cron", expr: "0 8 * * *" },
    payload: { kind: "agentTurn", message: "say good morning" },
    state: {},
  });
  writeFileSync(join(from.stateDir, "carapace.json"), config, { mode: 0o600 });
  expect((await cara(from, ["backup", "-o", archive("plain")])).code).toBe(0);
  const full = ["backup", "--full", "--encrypt", "--passphrase-stdin", "-o", archive("full")];
  expect((await cara(from, full, `${passphrase}\n`)).code).toBe(0);
}, 20_000);
afterAll(() => from[Symbol.dispose]());

const cara = (home: Home, words: readonly string[], stdin?: string) =>
  runCara(words, { home, ...(stdin !== undefined && { stdin }) });

function keysOf({ stateDir, env }: Home) {
  return systemStateKeys({ dir: stateDir, env, password: undefined, nowMs: Date.now });
}

const stateOf = (home: Home): Promise<State> =>
  openState({ dir: home.stateDir, keys: keysOf(home), newId: () => crypto.randomUUID() });

async function holdsAll(home: Home): Promise<void> {
  expect(readFileSync(join(home.stateDir, "carapace.json"), "utf8")).toBe(config);
  await using state = await stateOf(home);
  expect(await state.verify()).toEqual([]);
  expect(await state.memory.read("default", "colour")).toMatchObject({ value: "a heron's grey" });
  expect(await state.cron.list()).toMatchObject([{ id: "morning", schedule: { expr: "0 8 * * *" } }]);
}

const goesOn = 'Continuing cli-chat; your last message was "what is 6*7?".';

test.each(["plain", "full"] as const)(
  "in another home the conversation of a %s archive goes on, with its notes, schedules and configuration",
  async (name) => {
    using home = emptyHome();
    const isFull = name === "full";
    const words = ["restore", archive(name), "--force", ...(isFull ? ["--passphrase-stdin"] : [])];
    const ran = await cara(home, words, isFull ? passphrase : undefined);
    expect(ran.code).toBe(0);
    expect(ran.stdout).toMatch(/^Restored: .+\nSessions: 1\n$/);
    expect(ran.stderr).not.toMatch(/\r|Warning/);
    expect(existsSync(join(home.stateDir, "before-restore", "kept"))).toBe(false);
    await holdsAll(home);
    const chat = await cara(home, ["chat", "--port", "0"], "what is 2+3?\n/exit\n");
    expect(chat.stderr).toContain(goesOn);
    expect(chat.stdout).toContain("5");
  },
  20_000,
);

test("on a terminal a restore lists what it has and asks: no changes nothing, yes restores", async () => {
  using home = emptyHome();
  {
    await using screen = openScreen(["restore", archive("plain")], home.env);
    const said = await screen.until("[y/N] ");
    for (const part of ["sessions", "config", "memory", "cron"]) expect(said).toContain(part);
    expect(said).toContain(`Restore into ${home.stateDir}?`);
    screen.type("n\r");
    await screen.until("Nothing was changed.");
    expect(await screen.exited).toBe(1);
  }
  expect(existsSync(join(home.stateDir, "state.db"))).toBe(false);
  await using screen = openScreen(["restore", archive("plain")], home.env);
  await screen.until("[y/N] ");
  screen.type("y\r");
  await screen.until("Sessions: 1");
  expect(await screen.exited).toBe(0);
  await holdsAll(home);
}, 20_000);

test("on a terminal the passphrase is asked for once; a wrong one changes nothing", async () => {
  using home = emptyHome();
  await using screen = openScreen(["restore", archive("full"), "--force"], home.env);
  await screen.until("Passphrase of the archive: ");
  screen.type("not that one\r");
  await screen.until("Nothing was restored.");
  expect(await screen.exited).toBe(1);
  expect(screen.all()).not.toContain("not that one");
  expect(existsSync(join(home.stateDir, "state.db"))).toBe(false);
}, 20_000);

test("what is replaced is kept, unless nobody wants it", async () => {
  using home = emptyHome();
  cpSync(from.stateDir, home.stateDir, { recursive: true });
  const kept = () => {
    const folder = join(home.stateDir, "before-restore");
    return existsSync(folder) ? readdirSync(folder) : [];
  };
  expect((await cara(home, ["restore", archive("plain"), "--force", "--no-keep"])).code).toBe(0);
  expect(kept()).toEqual([]);
  const ran = await cara(home, ["restore", archive("plain"), "--force"]);
  expect(kept()).toHaveLength(1);
  expect(ran.stderr).toContain(join(home.stateDir, "before-restore", kept()[0] ?? ""));
  const full = await cara(home, ["restore", archive("full"), "--force", "--passphrase-stdin"], passphrase);
  expect(full.code).toBe(0);
  expect(kept()).toHaveLength(2);
  await holdsAll(home);
}, 20_000);

test("a gateway that runs is named with its pid, and a drill is done beside it", async () => {
  using home = emptyHome();
  await using _gateway = await startTestGateway({ stateDir: home.stateDir });
  const before = readdirSync(home.stateDir).sort();
  const refused = await cara(home, ["restore", archive("plain"), "--force"]);
  expect(refused).toMatchObject({ code: 1, stdout: "" });
  expect(refused.stderr).toContain(`(pid ${process.pid})`);
  const drill = await cara(home, ["restore", archive("plain"), "--drill"]);
  expect(drill.code).toBe(0);
  expect(drill.stdout).toContain("Sessions: 1 with 4 messages");
  expect(drill.stdout).toContain("Gateway:  answers 200");
  expect(drill.stdout).toContain("Everything verifies.");
  expect(readdirSync(home.stateDir).sort()).toEqual(before);
}, 20_000);

test("an archive that is no archive, cut short or changed is refused, by a drill too", async () => {
  using home = emptyHome();
  const bytes = readFileSync(archive("full"));
  const changed = Buffer.from(bytes);
  changed.writeUInt8(changed.readUInt8(200) ^ 1, 200);
  const broken = { none: Buffer.from("no archive"), cut: bytes.subarray(0, bytes.length - 100), changed };
  for (const [name, content] of Object.entries(broken)) {
    const path = join(home.folder, name);
    writeFileSync(path, content);
    for (const how of ["--force", "--drill"]) {
      const ran = await cara(home, ["restore", path, how, "--passphrase-stdin"], passphrase);
      expect(ran).toMatchObject({ code: 1, stdout: "" });
      expect(ran.stderr).toMatch(/^Error: .*archive/m);
    }
  }
  expect(existsSync(join(home.stateDir, "state.db"))).toBe(false);
}, 20_000);

test("a restore that died after it was decided is finished by the next start", async () => {
  using home = emptyHome();
  mkdirSync(home.stateDir, { mode: 0o700 });
  const recorded = faultySteps(-1, () => {});
  {
    using other = emptyHome();
    mkdirSync(other.stateDir, { mode: 0o700 });
    await restoreHere(other, recorded);
  }
  // The first rename is the one that decides.
  const dying = faultySteps(recorded.taken.indexOf("rename") + 1, () => {
    throw new Crash();
  });
  const died = await restoreHere(home, dying).catch((error: unknown) => error);
  expect(died).toBeInstanceOf(Crash);
  expect(existsSync(join(home.stateDir, "state.db"))).toBe(false);
  const chat = await cara(home, ["chat", "--port", "0"], "/exit\n");
  expect(chat.stderr).toContain(goesOn);
  expect(readdirSync(home.stateDir).filter((name) => name.startsWith("pending"))).toEqual([]);
  await holdsAll(home);
}, 20_000);

async function restoreHere(home: Home, steps: ReturnType<typeof faultySteps>) {
  using file = openArchiveFile(archive("plain"));
  const opened = await readArchive(file, { passphrase: async () => undefined });
  return await restoreBackup({
    dir: home.stateDir,
    keys: keysOf(home),
    configPath: join(home.stateDir, "carapace.json"),
    archive: opened,
    archivePath: archive("plain"),
    facts: await scanArchive(opened),
    keep: true,
    password: undefined,
    hmacSecrets: async () => [],
    credentials: () => Promise.reject(new Error("a plain archive has none")),
    nowMs: Date.now,
    newId: () => crypto.randomUUID(),
    random: (bytes) => crypto.getRandomValues(new Uint8Array(bytes)),
    steps,
  });
}

test("a disk that takes no larger file leaves the state of before, and says so", async () => {
  using home = emptyHome();
  expect((await cara(home, ["chat", "--port", "0", "-m", "what is 2+3?"])).code).toBe(0);
  const child = Bun.spawn(
    ["bash", "-c", `ulimit -f 100; exec ./cara restore "$0" --force`, archive("plain")],
    {
      cwd: dirname(launcher),
      env: home.env,
      stdin: "ignore",
      stdout: "pipe",
      stderr: "pipe",
    },
  );
  const [said, code] = await Promise.all([child.stderr.text(), child.exited]);
  expect(code).toBe(1);
  expect(said).toMatch(/^Error: .*(disk|file)/m);
  expect(readdirSync(home.stateDir).filter((name) => /^(pending|before-restore)/.test(name))).toEqual([]);
  const chat = await cara(home, ["chat", "--port", "0"], "/exit\n");
  expect(chat.stderr).toContain('your last message was "what is 2+3?"');
}, 20_000);
