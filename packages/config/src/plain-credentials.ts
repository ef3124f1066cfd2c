import { readdirSync } from "node:fs";
import { join } from "node:path";
import { readPrivate } from "@carapace/files";
import { isRecord } from "./record.ts";
import { isSecretName } from "./redaction/names.ts";

const maxBytes = 16 * 1024 * 1024;
const maxDepth = 64;
/** More than any of these tools has; a folder with more is looked at so far. */
const maxEntries = 1000;

/**
 * Files in which older tools of this family left keys and logins readable (state.md §11.4): nothing reads them here,
 * and whoever copies the state directory has them.
 * @returns the paths of those that hold what may be a credential, or that cannot be read as JSON; none in a directory
 * that is not there
 */
export function findPlainCredentials(stateDir: string): string[] {
  return places(stateDir).filter(holdsCredential);
}

function places(stateDir: string): string[] {
  const credentials = join(stateDir, "credentials");
  const agents = join(stateDir, "agents");
  const whatsapp = join(credentials, "whatsapp");
  const named = /^(oauth|github-copilot\.token|creds|.+-pairing|.+-allowFrom)\.json$/;
  return [
    ...namesIn(credentials)
      .filter((name) => named.test(name))
      .map((name) => join(credentials, name)),
    ...namesIn(whatsapp).flatMap((account) =>
      namesIn(join(whatsapp, account)).map((name) => join(whatsapp, account, name)),
    ),
    ...namesIn(agents).flatMap((id) =>
      ["auth.json", "auth-profiles.json"].map((name) => join(agents, id, "agent", name)),
    ),
  ];
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).slice(0, maxEntries);
  } catch {
    // Not there, not a folder, or not ours to read: then there is nothing that these tools left.
    return [];
  }
}

function holdsCredential(path: string): boolean {
  const read = readPrivate(path, { maxBytes, mode: "any" });
  if (!read.ok) return true;
  if (read.value === undefined) return false;
  try {
    return isPlausible(JSON.parse(Buffer.from(read.value).toString("utf8")), false, 0);
  } catch {
    return true;
  }
}

/** @param isSecret something above has the name of a secret */
function isPlausible(node: unknown, isSecret: boolean, depth: number): boolean {
  if (depth > maxDepth) return true;
  if (typeof node === "string") return isSecret && node.trim() !== "";
  if (Array.isArray(node)) return node.some((item) => isPlausible(item, isSecret, depth + 1));
  if (!isRecord(node)) return false;
  return Object.entries(node).some(([name, inner]) =>
    isPlausible(inner, isSecret || isCredentialName(name), depth + 1),
  );
}

/** In these files `access`, `refresh` and the keys of a protocol are secrets, too. */
function isCredentialName(name: string): boolean {
  return isSecretName(name) || /^(access|refresh|private|auth)$|key$/i.test(name);
}
