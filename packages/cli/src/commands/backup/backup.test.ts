import { afterAll, beforeAll, expect, test } from "bun:test";
import { cpSync, existsSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { startTestGateway } from "@carapace/gateway/testing";
import { memoryStore } from "@carapace/secrets/testing";
import { fileKeyStore } from "@carapace/state";
import { createBackup } from "@carapace/state/backup";
import { emptyHome, type Home, runCara } from "../../../testing/cara.ts";
import { openScreen } from "../../../testing/terminal.ts";

const passphrase = "four words for one archive";

/** Has a state directory in which a gateway ran and made two sessions; copied, never changed. */
let lived: Home;
beforeAll(async () => {
  lived = emptyHome();
  await using gateway = await startTestGateway({ stateDir: lived.stateDir });
  using link = await gateway.connect();
  for (const key of ["a", "b"]) await link.call("sessions.create", { key });
});
afterAll(() => lived[Symbol.dispose]());

function copied(): Home {
  const home = emptyHome();
  cpSync(lived.stateDir, home.stateDir, { recursive: true });
  return home;
}

const cara = (home: Home, words: readonly string[], stdin?: string) =>
  runCara(words, { home, ...(stdin !== undefined && { stdin }) });

test("an encrypted archive of everything is the owner's alone, noted, tried, and restored elsewhere", async () => {
  using home = copied();
  const file = join(home.folder, "everything.carapace");
  const made = await cara(
    home,
    ["backup", "--full", "--encrypt", "--passphrase-stdin", "-o", file, "--json"],
    passphrase,
  );
  expect(made).toMatchObject({ code: 0, stderr: "" });
  expect(JSON.parse(made.stdout)).toMatchObject({ path: file, encrypted: true, leftOut: [] });
  expect(statSync(file).mode & 0o777).toBe(0o600);
  const log = await cara(home, ["audit", "tail", "--offline", "--event", "backup_created"]);
  expect(log.stdout).toContain(` cli backup_created path=${file} `);

  using other = emptyHome();
  const tried = await cara(other, ["restore", file, "--drill", "--passphrase-stdin", "--json"], passphrase);
  expect(tried.code).toBe(0);
  expect(JSON.parse(tried.stdout)).toMatchObject({ sessions: 2, healthy: true, problems: [], kind: "full" });
  expect(readdirSync(other.stateDir)).toEqual([]);
  const wrong = await cara(other, ["restore", file, "--yes", "--passphrase-stdin"], "not that one");
  expect(wrong).toMatchObject({ code: 1, stdout: "" });
  expect(existsSync(join(other.stateDir, "state.db"))).toBe(false);
  const restored = await cara(other, ["restore", file, "--yes", "--passphrase-stdin", "--json"], passphrase);
  expect(restored).toMatchObject({ code: 0, stderr: "" });
  expect(JSON.parse(restored.stdout)).toMatchObject({ sessions: 2, finished: true, kept: null });
}, 60_000);

test("an archive of a state that a password seals can be tried where the password is set", async () => {
  using home = copied();
  const file = join(home.folder, "sealed.carapace");
  const env = {
    CARAPACE_CONFIG_PASSWORD: "the password of the owner",
    CARAPACE_BACKUP_PASSPHRASE: passphrase,
  };
  const sealed = (words: readonly string[]) => runCara(words, { home, env });
  expect((await sealed(["state", "rekey"])).code).toBe(0);
  expect((await sealed(["backup", "--full", "--encrypt", "-o", file])).code).toBe(0);
  const tried = await sealed(["restore", "--drill", file]);
  expect(tried).toMatchObject({ code: 0, stdout: expect.stringContaining("Everything verifies.") });
}, 60_000);

test("what an archive holds for the credential store is no fault that a drill finds", async () => {
  using home = copied();
  const store = memoryStore();
  store.held.set("gateway:token:default", "a-token-that-was-kept");
  const file = join(home.folder, "everything.carapace");
  await createBackup({
    dir: home.stateDir,
    keys: fileKeyStore(home.stateDir),
    config: { main: join(home.stateDir, "carapace.json"), included: [] },
    credentials: async () => ({ store, accounts: store.held.keys() }),
    kind: "full",
    secret: passphrase,
    password: undefined,
    output: file,
    overwrite: false,
    nowMs: Date.now,
    newId: () => crypto.randomUUID(),
    random: (bytes) => crypto.getRandomValues(new Uint8Array(bytes)),
  });
  const tried = await cara(home, ["restore", "--drill", file, "--passphrase-stdin"], passphrase);
  expect(tried).toMatchObject({ code: 0, stdout: expect.stringContaining("Everything verifies.") });
}, 60_000);

test("what is asked for without a terminal, or asked for wrongly, is refused in words and changes nothing", async () => {
  using home = copied();
  const file = join(home.folder, "plain.tar.gz");
  expect((await cara(home, ["backup", "-o", file])).code).toBe(0);
  const before = readdirSync(home.stateDir).sort();
  writeFileSync(join(home.folder, "none"), "no archive");
  const refusals: readonly (readonly [readonly string[], string])[] = [
    [["backup", "--full"], "only made with --encrypt"],
    [["backup", "--passphrase-stdin"], "needs --encrypt"],
    [["backup", "-o", file], "is there already"],
    [["backup", "--encrypt"], "--passphrase-stdin or CARAPACE_BACKUP_PASSPHRASE"],
    [["restore", "none", "--yes"], "archive"],
    [["restore", "nowhere", "--yes"], "There is no file"],
    [["restore", file], "use --yes"],
    [["reset"], "say what to empty"],
    [["reset", "--all"], "use --yes"],
  ];
  for (const [words, say] of refusals) {
    const ran = await cara(home, words);
    expect(ran).toMatchObject({ code: 1, stdout: "" });
    expect(ran.stderr).toContain(say);
  }
  expect(readdirSync(home.stateDir).sort()).toEqual(before);
}, 60_000);

test("a gateway that runs is told of before a passphrase is asked for", async () => {
  using home = emptyHome();
  await using _gateway = await startTestGateway({ stateDir: home.stateDir });
  const file = join(home.folder, "any");
  writeFileSync(file, "CRPC_ENC");
  for (const words of [
    ["restore", file],
    ["reset", "--all"],
  ]) {
    const ran = await cara(home, words);
    expect(ran).toMatchObject({ code: 1, stdout: "" });
    expect(ran.stderr).toContain("stop it, then try again");
    expect(ran.stderr).toContain("cara service stop");
  }
}, 60_000);

test("Ctrl-C at the question of a reset ends it, a yes carries it out", async () => {
  using home = copied();
  {
    await using screen = openScreen(["reset", "--sessions"], home.env);
    expect(await screen.until("[y/N]")).toContain("sessions: 2 to remove");
    screen.type("\x03");
    await screen.until("Nothing was changed.");
    expect(await screen.exited).toBe(130);
  }
  {
    await using screen = openScreen(["reset", "--sessions"], home.env);
    await screen.until("[y/N]");
    screen.type("y\r");
    await screen.until("sessions: 2 removed");
    expect(await screen.exited).toBe(0);
  }
  const again = await cara(home, ["reset", "--sessions", "--yes", "--json"]);
  expect(JSON.parse(again.stdout)).toEqual({ removed: { sessions: 0 }, files: [], finished: true });
}, 60_000);
