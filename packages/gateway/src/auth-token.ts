import { randomBytes } from "node:crypto";
import {
  closeSync,
  constants,
  fstatSync,
  fsyncSync,
  linkSync,
  openSync,
  readFileSync,
  unlinkSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import type { Refusal, Result } from "@carapace/protocol";

const tokenFile = "gateway-token";
const tokenShape = /^[A-Za-z0-9_-]{43}$/;
const maxFileBytes = 4096;

/**
 * Reads the machine's own token: what a caller without a configured token or password shows (decision 0002).
 * @returns undefined if there is none; a refusal if the file is not safe to trust (not ours, open to others, damaged).
 */
export function readLocalToken(stateDir: string): Result<string | undefined> {
  const path = join(stateDir, tokenFile);
  let handle: number;
  try {
    handle = openSync(path, constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK);
  } catch (error) {
    if (errorCode(error) === "ENOENT") return { ok: true, value: undefined };
    return refusal(`cannot read ${path} (${errorCode(error)}); delete it and start the gateway again`);
  }
  try {
    const facts = fstatSync(handle);
    const isOurs = process.getuid === undefined || facts.uid === process.getuid();
    if (!facts.isFile() || facts.size > maxFileBytes || !isOurs) {
      return refusal(`${path} is not a token file of this user; delete it and start the gateway again`);
    }
    if (process.platform !== "win32" && (facts.mode & 0o077) !== 0) {
      return refusal(`${path} can be read by other users; delete it and start the gateway again`);
    }
    const token = readFileSync(handle, "utf8").trim();
    if (!tokenShape.test(token)) return refusal(`${path} is damaged; delete it and start the gateway again`);
    return { ok: true, value: token };
  } finally {
    closeSync(handle);
  }
}

/**
 * Reads the machine's own token, or makes it: 256 random bits in an owner-only file that appears whole or not at all
 * and is never overwritten.
 */
export function ensureLocalToken(
  stateDir: string,
  random: (bytes: number) => Uint8Array = randomBytes,
): Result<string> {
  const present = readLocalToken(stateDir);
  if (!present.ok) return present;
  if (present.value !== undefined) return { ok: true, value: present.value };
  const token = Buffer.from(random(32)).toString("base64url");
  const path = join(stateDir, tokenFile);
  const draft = `${path}.tmp.${process.pid}.${Buffer.from(random(6)).toString("hex")}`;
  try {
    writeOwnerOnly(draft, `${token}\n`);
    linkSync(draft, path);
    return { ok: true, value: token };
  } catch (error) {
    if (errorCode(error) !== "EEXIST") return refusal(`cannot write ${path} (${errorCode(error)})`);
    const theirs = readLocalToken(stateDir);
    if (!theirs.ok) return theirs;
    return theirs.value === undefined ? refusal(`cannot write ${path}`) : { ok: true, value: theirs.value };
  } finally {
    removeIfThere(draft);
  }
}

function writeOwnerOnly(path: string, text: string): void {
  const flags = constants.O_WRONLY | constants.O_CREAT | constants.O_EXCL | constants.O_NOFOLLOW;
  const handle = openSync(path, flags, 0o600);
  try {
    writeSync(handle, text);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

function removeIfThere(path: string): void {
  try {
    unlinkSync(path);
  } catch (error) {
    if (errorCode(error) !== "ENOENT") throw error;
  }
}

function errorCode(error: unknown): string {
  return error instanceof Error && "code" in error && typeof error.code === "string"
    ? error.code
    : "unknown error";
}

function refusal(say: string): Refusal {
  return { ok: false, code: "unavailable", say };
}
