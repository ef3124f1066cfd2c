import { afterAll, beforeAll, expect, test } from "bun:test";
import {
  closeSync,
  existsSync,
  lstatSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { emptyHome, type Home, runCara } from "../../../testing/cara.ts";
import { openScreen } from "../../../testing/terminal.ts";

const passphrase = "four words for one archive";
let home: Home;
beforeAll(async () => {
  home = emptyHome();
  expect((await runCara(["chat", "--port", "0", "-m", "what is 6*7?"], { home })).code).toBe(0);
});
afterAll(() => home[Symbol.dispose]());

const at = (name: string): string => join(home.folder, name);
const cara = (words: readonly string[], more: { stdin?: string; env?: Record<string, string> } = {}) =>
  runCara(words, { home, ...more });
const archivesIn = (folder: string) =>
  readdirSync(folder).filter((name) => name.startsWith("carapace-backup-"));
const leftovers = () =>
  [...readdirSync(home.folder), ...readdirSync(home.stateDir)].filter((name) =>
    /scratch-|\.part\./.test(name),
  );
/** Whether an archive opens with a passphrase, and holds the conversation. */
const opens = async (path: string, stdin: string): Promise<boolean> => {
  const tried = await cara(["restore", path, "--drill", "--passphrase-stdin", "--json"], { stdin });
  return tried.code === 0 && JSON.parse(tried.stdout).sessions === 1;
};

test("without a name the archive gets one of the time, in the folder one is in, for the owner only", async () => {
  const ran = await cara(["backup"]);
  const [name = "", ...others] = archivesIn(home.folder);
  expect(name).toMatch(/^carapace-backup-\d{8}T\d{6}Z\.tar\.gz$/);
  expect(others).toEqual([]);
  expect(ran.code).toBe(0);
  const { size, mode } = statSync(at(name));
  expect(mode & 0o777).toBe(0o600);
  expect(ran.stdout).toMatch(
    new RegExp(`^Backup: +${at(name)}\nSize: +.*\\(${size} bytes\\)\nSections: sessions`),
  );
  expect(ran.stderr).toContain("It is not encrypted");
  // A bar would be no line for a log.
  expect(ran.stderr).not.toContain("\r");
  expect(leftovers()).toEqual([]);
  rmSync(at(name));
});

test("a file that is there is overwritten with --force only, a link and a folder never", async () => {
  writeFileSync(at("old"), "mine");
  symlinkSync(at("old"), at("link"));
  expect(await cara(["backup", "-o", at("old")])).toMatchObject({
    code: 1,
    stdout: "",
    stderr: expect.stringContaining("overwrite it with --force"),
  });
  for (const words of [
    ["-o", at("link")],
    ["-o", at("link"), "--force"],
    ["-o", home.stateDir, "--force"],
  ]) {
    expect(await cara(["backup", ...words])).toMatchObject({ code: 1, stdout: "" });
  }
  expect(readFileSync(at("old"), "utf8")).toBe("mine");
  expect(lstatSync(at("link")).isSymbolicLink()).toBe(true);
  expect((await cara(["backup", "-o", at("old"), "--force"])).code).toBe(0);
  expect(readFileSync(at("old")).subarray(0, 2)).toEqual(Buffer.from([0x1f, 0x8b]));
  expect(leftovers()).toEqual([]);
}, 20_000);

test("a folder that is not there is told, and nothing is left", async () => {
  const ran = await cara(["backup", "-o", at("nowhere/a.tar.gz")]);
  expect(ran).toMatchObject({ code: 1, stdout: "", stderr: expect.stringContaining(at("nowhere")) });
  expect(leftovers()).toEqual([]);
});

test("the passphrase of CARAPACE_BACKUP_PASSPHRASE encrypts; stdin comes before it; argv takes none", async () => {
  const env = { CARAPACE_BACKUP_PASSPHRASE: passphrase };
  expect(await cara(["backup", "--encrypt", "-o", at("by-env")], { env })).toMatchObject({ code: 0 });
  expect(await opens(at("by-env"), passphrase)).toBe(true);
  const both = ["backup", "--encrypt", "--passphrase-stdin", "-o", at("by-stdin")];
  expect(await cara(both, { env, stdin: "another one of words\n" })).toMatchObject({ code: 0 });
  expect(await opens(at("by-stdin"), "another one of words")).toBe(true);
  expect(await opens(at("by-stdin"), passphrase)).toBe(false);
  expect(await cara(["backup", "--encrypt", `--passphrase=${passphrase}`])).toMatchObject({ code: 2 });
}, 30_000);

test("on a terminal the passphrase is asked for twice and never shown; what is done is drawn and taken away", async () => {
  await using screen = openScreen(["backup", "--encrypt", "-o", at("typed")], home.env);
  await screen.until("New passphrase of the archive: ");
  screen.type(`${passphrase}\r`);
  await screen.until("again: ");
  screen.type(`${passphrase}\r`);
  await screen.until("Reading the database");
  expect(await screen.until("Backup:")).toContain("\r\u001b[K");
  expect(await screen.exited).toBe(0);
  expect(screen.all()).not.toContain(passphrase);
  expect(screen.all()).not.toContain("Warning");
  expect(await opens(at("typed"), passphrase)).toBe(true);
}, 20_000);

test("a terminal that cannot draw gets no bar, and a short passphrase a warning", async () => {
  await using screen = openScreen(["backup", "--encrypt", "-o", at("short")], { ...home.env, TERM: "dumb" });
  await screen.until("New passphrase of the archive: ");
  screen.type("short\r");
  await screen.until("again: ");
  screen.type("short\r");
  await screen.until("Warning: the passphrase has fewer than 12 characters");
  expect(await screen.exited).toBe(0);
  expect(screen.all()).not.toContain("Reading the database");
}, 20_000);

test.each([
  ["another one\r", 1],
  ["\u0003", 130],
] as const)(
  "a second answer of %j makes no archive",
  async (keys, code) => {
    await using screen = openScreen(["backup", "--encrypt", "-o", at("none")], home.env);
    await screen.until("New passphrase of the archive: ");
    screen.type(`${passphrase}\r`);
    await screen.until("again: ");
    screen.type(keys);
    expect(await screen.exited).toBe(code);
    expect(existsSync(at("none"))).toBe(false);
  },
  20_000,
);

test("Ctrl-C while the archive is written removes what there is of it, and keeps the one of before", async () => {
  writeFileSync(at("kept"), "the one of before");
  const large = join(home.stateDir, "large.bin");
  const fd = openSync(large, "wx", 0o600);
  const mib = crypto.getRandomValues(new Uint8Array(65_536));
  for (let written = 0; written < 64 * 16; written += 1) writeSync(fd, mib);
  closeSync(fd);
  const env = { ...home.env, CARAPACE_BACKUP_PASSPHRASE: passphrase };
  await using screen = openScreen(["backup", "--full", "--encrypt", "--force", "-o", at("kept")], env);
  await screen.until("Writing the backup");
  expect(readdirSync(home.folder).some((name) => name.startsWith("kept.part."))).toBe(true);
  screen.type("\u0003");
  await screen.until("Stopped. Nothing was changed.");
  expect(await screen.exited).toBe(130);
  rmSync(large);
  expect(readFileSync(at("kept"), "utf8")).toBe("the one of before");
  expect(leftovers()).toEqual([]);
}, 20_000);

test("a disk that takes no larger file is told, and leaves neither half an archive nor a copy", async () => {
  const child = Bun.spawn(["bash", "-c", `ulimit -f 150; exec ./cara backup -o "$0"`, at("small")], {
    cwd: join(import.meta.dir, "..", "..", "..", "..", ".."),
    env: home.env,
    stdin: "ignore",
    stdout: "pipe",
    stderr: "pipe",
  });
  const [said, code] = await Promise.all([child.stderr.text(), child.exited]);
  expect(code).toBe(1);
  expect(said).toMatch(/^Error: .*(disk|file)/m);
  expect(existsSync(at("small"))).toBe(false);
  expect(leftovers()).toEqual([]);
}, 20_000);
