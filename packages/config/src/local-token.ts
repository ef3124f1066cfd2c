import { join } from "node:path";
import type { FileRefusal } from "@carapace/files";
import { createPrivate } from "@carapace/files/create";
import { readPrivate } from "@carapace/files/read";
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
  const read = readPrivate(path, { maxBytes: maxFileBytes, mode: "refuse" });
  if (!read.ok) return explained(path, read);
  if (read.value === undefined) return { ok: true, value: undefined };
  const token = new TextDecoder().decode(read.value).trim();
  return tokenShape.test(token) ? { ok: true, value: token } : unusable(path, "is damaged");
}

/**
 * Reads the machine's own token, or makes it: 256 random bits in an owner-only file that appears whole or not at all
 * and is never overwritten.
 */
export function ensureLocalToken(
  stateDir: string,
  random: (bytes: number) => Uint8Array = (bytes) => crypto.getRandomValues(new Uint8Array(bytes)),
): Result<string> {
  const present = readLocalToken(stateDir);
  if (!present.ok) return present;
  if (present.value !== undefined) return { ok: true, value: present.value };
  const token = Buffer.from(random(32)).toString("base64url");
  const path = join(stateDir, tokenFile);
  const made = createPrivate(path, Buffer.from(`${token}\n`));
  if (made.ok) return { ok: true, value: token };
  if (made.problem !== "exists") return made;
  const theirs = readLocalToken(stateDir);
  if (!theirs.ok) return theirs;
  return theirs.value === undefined
    ? unusable(path, "vanished while it was made")
    : { ok: true, value: theirs.value };
}

function explained(path: string, refusal: FileRefusal): Refusal {
  const hasOwnAdvice =
    refusal.system !== undefined || refusal.problem === "mode" || refusal.problem === "owner";
  return hasOwnAdvice ? refusal : unusable(path, refusal.why);
}

function unusable(path: string, why: string): Refusal {
  return { ok: false, code: "unavailable", say: `${path} ${why}; delete it and start the gateway again` };
}
