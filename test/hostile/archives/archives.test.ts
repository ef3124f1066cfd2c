import { afterAll, expect, test } from "bun:test";
import { randomBytes } from "node:crypto";
import {
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { createGzip, gzipSync } from "node:zlib";
import { sealArchive } from "@carapace/secrets";
import { type RawEntry, rawTar } from "@carapace/state/testing";
import { emptyHome, runCara } from "../../../packages/cli/testing/cara.ts";

const home = emptyHome();
const env = { CARAPACE_CREDENTIAL_STORE: "off", CARAPACE_BACKUP_PASSPHRASE: "correct horse battery" };
const archivePath = join(home.folder, "archive");
afterAll(() => home[Symbol.dispose]());
mkdirSync(home.stateDir, { mode: 0o700 });
writeFileSync(join(home.stateDir, "carapace.json"), '{ "wizard": { "mine": true } }', { mode: 0o600 });

/** Every path below the home with its content, so that anything written anywhere shows. */
function picture(folder = home.folder): string[] {
  return readdirSync(folder, { withFileTypes: true, recursive: true })
    .map((entry) => join(entry.parentPath, entry.name))
    .filter((path) => path !== archivePath && !path.endsWith(".lock"))
    .map((path) => `${path} ${statSync(path).isFile() ? readFileSync(path, "base64") : ""}`)
    .sort();
}

async function refused(bytes: Uint8Array, why: RegExp): Promise<void> {
  writeFileSync(archivePath, bytes);
  const before = picture();
  const ran = await runCara(["restore", archivePath, "--force"], { home, env });
  expect(ran.code).toBe(1);
  expect(ran.stdout).not.toContain("Restored");
  // What a sound archive holds may be told before.
  expect(ran.stderr).toMatch(/^Error: /m);
  expect(ran.stderr).toMatch(why);
  expect(ran.stderr).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u007f]/);
  expect(picture()).toEqual(before);
}

const marker: RawEntry = { name: ".carapace-backup", body: Buffer.from("carapace-backup v1\ncreated=x\n") };
const file = (name: string, body = "{}"): RawEntry => ({ name, body: Buffer.from(body) });
const packed = (...entries: RawEntry[]): Buffer => gzipSync(rawTar([marker, ...entries]));

test.each<[string, RawEntry[], RegExp]>([
  ["a path that leads out", [file("sessions/../../evil")], /leads out of it/],
  ["an absolute path", [file("/tmp/evil")], /absolute path/],
  ["a drive", [file("C:/evil")], /drive/],
  ["a backslash", [file("sessions\\..\\evil")], /backslash/],
  ["a control character", [file("sessions/\u001b]0;evil\u0007")], /control characters/],
  ["a symbolic link", [{ name: "sessions", type: "2", link: "/tmp" }, file("sessions/x.json")], /a link/],
  ["a hard link", [{ name: "config/carapace.json", type: "1", link: "/etc/passwd" }], /a link/],
  ["a device", [{ name: "sessions/zero", type: "3" }], /a device/],
  ["a pipe", [{ name: "sessions/pipe", type: "6" }], /a pipe/],
  ["a sparse file", [{ name: "sessions/sparse", type: "S" }], /a sparse file/],
  ["a name twice", [file("memory/a.json"), file("memory/a.json")], /a name twice/],
  ["a name twice but for case", [file("memory/a.json"), file("memory/A.json")], /a name twice/],
  ["an unknown top", [file("plugins/evil.wasm")], /no part of a backup/],
  ["a file beside the state", [file("state.db")], /no part of a backup/],
  ["a full backup's place", [file("full/key")], /no part of a backup/],
  ["two configurations", [file("config/a.json"), file("config/b.json")], /more than one configuration/],
  ["a size that is not there", [{ name: "usage/usage.json", size: 1000 }], /cut short/],
  ["a size no such file has", [{ name: "cron/jobs.json", size: 2 ** 40 }], /larger than|too large/],
  [
    "a metadata file of 5 MiB",
    [file("sessions/x.json", "x".repeat(5 * 2 ** 20))],
    /too large for what it is/,
  ],
  ["a second marker", [marker], /a name twice/],
])("%s is refused, and nothing is written", async (_what, entries, why) => {
  await refused(packed(...entries), why);
});

test.each<[string, () => Uint8Array, RegExp]>([
  ["nothing", () => new Uint8Array(), /cut short|damaged/],
  ["no archive", () => randomBytes(5000), /damaged/],
  ["no marker", () => gzipSync(rawTar([file("sessions/x.json")])), /first entry is missing/],
  ["a marker that is not first", () => gzipSync(rawTar([file("sessions/x.json"), marker])), /first entry/],
  [
    "a newer version",
    () => gzipSync(rawTar([file(".carapace-backup", "carapace-backup v2\n")])),
    /version 2/,
  ],
  [
    "something else's marker",
    () => gzipSync(rawTar([file(".carapace-backup", "hello")])),
    /no backup of this/,
  ],
  [
    "a full backup in the open",
    () => gzipSync(rawTar([file(".carapace-backup", "carapace-backup v1\ncreated=x\nkind=full\n")])),
    /not encrypted/,
  ],
  [
    "a tail behind the archive",
    () => Buffer.concat([packed(), Buffer.from("tail")]),
    /damaged|after its end/,
  ],
  [
    "a tail behind the tar",
    () => gzipSync(Buffer.concat([rawTar([marker]), randomBytes(700)])),
    /after its end/,
  ],
  ["an encrypted one, version 1", () => Buffer.from(`CRPC_ENC\u0001${"x".repeat(100)}`), /version 1/],
  ["an encrypted one, version 9", () => Buffer.from(`CRPC_ENC\u0009${"x".repeat(100)}`), /does not know/],
  ["a short encrypted one", () => Buffer.from("CRPC_ENC\u0002short"), /cut short/],
  ["more than its share of entries", () => packed(...manyFolders()), /more than 200000 entries/],
])("%s is refused, and nothing is written", async (_what, bytes, why) => {
  await refused(bytes(), why);
});

function manyFolders(): RawEntry[] {
  return Array.from({ length: 200_001 }, (_, at) => ({ name: `memory/${at}`, type: "0" }));
}

test("an archive is refused wherever it is cut off or a bit of it flipped", async () => {
  const whole = packed(file("config/carapace.json", JSON.stringify({ a: randomBytes(600).toString("hex") })));
  for (const cut of [10, 300, whole.length - 9, whole.length - 1])
    await refused(whole.subarray(0, cut), /damaged/);
  for (const at of [3, 200, whole.length - 6]) {
    const flipped = Buffer.from(whole);
    flipped.writeUInt8(flipped.readUInt8(at) ^ 16, at);
    await refused(flipped, /damaged|cut short|refused|holds/);
  }
});

test("an encrypted archive is refused wherever a bit of it is flipped, before anything of it is looked at", async () => {
  const parts: Uint8Array[] = [];
  const plain = async function* () {
    yield packed(file("config/carapace.json"));
  };
  const how = { secret: env.CARAPACE_BACKUP_PASSPHRASE, random: (count: number) => randomBytes(count) };
  for await (const part of sealArchive(plain(), how)) parts.push(part);
  const whole = Buffer.concat(parts);
  for (const at of [20, 45, 60, whole.length - 20, whole.length - 1]) {
    const flipped = Buffer.from(whole);
    flipped.writeUInt8(flipped.readUInt8(at) ^ 1, at);
    await refused(flipped, /passphrase is wrong, or the archive is damaged/);
  }
  await refused(whole.subarray(0, -40), /passphrase is wrong, or the archive is damaged/);
});

test("ten gigabytes of zeros in a few megabytes are refused after a moment", async () => {
  const head = rawTar([{ name: "sessions/a.jsonl", size: 10 * 2 ** 30 }]).subarray(0, 512);
  const gzip = createGzip({ level: 1 });
  const parts: Uint8Array[] = [];
  gzip.on("data", (part) => parts.push(part));
  const ended = new Promise((resolve) => gzip.on("end", resolve));
  gzip.write(rawTar([marker]).subarray(0, 1024));
  gzip.write(head);
  // What follows would be more of the same: the reader must not get that far.
  for (let mib = 0; mib < 256; mib++) gzip.write(Buffer.alloc(2 ** 20));
  gzip.end();
  await ended;
  const startedMs = performance.now();
  await refused(Buffer.concat(parts), /unpacks to more than it may|larger than|too large/);
  expect(performance.now() - startedMs).toBeLessThan(10_000);
});

test("a link in place of the state's parts is not followed by what a sound archive brings", async () => {
  const victim = join(home.folder, "victim");
  mkdirSync(victim);
  const sound = packed(file("memory/default.json", '{"a":"b"}'));
  symlinkSync(victim, join(home.stateDir, "before-restore"));
  await refused(sound, /symbolic link/);
  expect(readdirSync(victim)).toEqual([]);
});

test("a folder, a missing file and a pipe are no archives", async () => {
  for (const path of [home.stateDir, join(home.folder, "none")]) {
    expect(await runCara(["restore", path, "--force"], { home, env })).toMatchObject({ code: 1, stdout: "" });
  }
  expect(existsSync(join(home.stateDir, "state.db"))).toBe(false);
  cpSync(join(home.stateDir, "carapace.json"), archivePath);
});
