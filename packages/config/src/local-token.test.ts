import { afterEach, expect, test } from "bun:test";
import {
  chmodSync,
  linkSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { ensureLocalToken, readLocalToken } from "./local-token.ts";

const dirs: string[] = [];
const freshDir = () => {
  const dir = mkdtempSync(join(tmpdir(), "cara-token-"));
  dirs.push(dir);
  return dir;
};
const good = "A".repeat(43);
afterEach(() => {
  for (const dir of dirs.splice(0)) rmSync(dir, { recursive: true });
});

test("a fresh state directory has no token until the gateway makes one", () => {
  const dir = freshDir();
  expect(readLocalToken(dir)).toEqual({ ok: true, value: undefined });
  const made = ensureLocalToken(dir);
  expect(made.ok && /^[A-Za-z0-9_-]{43}$/.test(made.value)).toBe(true);
  expect(readLocalToken(dir)).toEqual(made);
  expect(readdirSync(dir)).toEqual(["gateway-token"]);
});

test("the token file is for its owner only and is never overwritten", () => {
  const dir = freshDir();
  const made = ensureLocalToken(dir);
  expect(statSync(join(dir, "gateway-token")).mode & 0o777).toBe(0o600);
  expect(ensureLocalToken(dir)).toEqual(made);
});

const plant = {
  "readable by others"(path: string) {
    writeFileSync(path, good);
    chmodSync(path, 0o640);
  },
  "a link"(path: string) {
    writeFileSync(`${path}.x`, good, { mode: 0o600 });
    symlinkSync(`${path}.x`, path);
  },
  "under a second name"(path: string) {
    writeFileSync(path, good, { mode: 0o600 });
    linkSync(path, `${path}.x`);
  },
  damaged: (path: string) => writeFileSync(path, "short", { mode: 0o600 }),
  "too big": (path: string) => writeFileSync(path, good.repeat(100), { mode: 0o600 }),
};

test.each(Object.entries(plant))("a token file that is %s is refused, not repaired", (_, plantIn) => {
  const dir = freshDir();
  plantIn(join(dir, "gateway-token"));
  expect(readLocalToken(dir).ok).toBe(false);
  expect(ensureLocalToken(dir).ok).toBe(false);
});

test("a token file that others may open is refused with the command that mends it", () => {
  const dir = freshDir();
  plant["readable by others"](join(dir, "gateway-token"));
  const refused = readLocalToken(dir);
  expect(refused.ok ? "" : refused.say).toContain(`run chmod 600 ${join(dir, "gateway-token")}`);
});

test("a directory that cannot be written is refused with a sentence", () => {
  const missing = ensureLocalToken(join(freshDir(), "nowhere"));
  expect(missing).toMatchObject({ ok: false, code: "unavailable" });
});
