import { refusedArchive } from "./refusal.ts";

const mostBytes = 1024;
const mostParts = 32;
const mostPartBytes = 255;

/**
 * Pure. The name of an entry, if it is a plain path below where the archive is unpacked (cli.md §3.9): no root, no
 * drive, no `..`, nothing a terminal or another system reads differently. A folder's slash at the end is taken off.
 * @throws StateError `bad_archive`
 */
export function safeName(bytes: Uint8Array): string {
  const name = decoded(bytes);
  const why = objection(name);
  if (why !== undefined) throw refusedArchive(`holds ${why} (${shown(name)})`);
  return name.replace(/\/$/, "");
}

function decoded(bytes: Uint8Array): string {
  if (bytes.length > mostBytes) throw refusedArchive(`holds a name of more than ${mostBytes} bytes`);
  try {
    return new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    throw refusedArchive("holds a name that is no UTF-8");
  }
}

function objection(name: string): string | undefined {
  if (name === "") return "an entry without a name";
  if (/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}\ufffd]/u.test(name)) return "a name with control characters";
  if (name.includes("\\")) return "a name with a backslash";
  if (name.startsWith("/")) return "an absolute path";
  const parts = name.replace(/\/$/, "").split("/");
  if (parts.some((part) => /^[A-Za-z]:/.test(part))) return "a path with a drive";
  if (parts.includes("..")) return "a path that leads out of it";
  if (parts.some((part) => part === "" || part === ".")) return "a path with an empty part";
  if (parts.length > mostParts) return "a path that is too deep";
  if (parts.some((part) => Buffer.byteLength(part) > mostPartBytes)) return "a name that is too long";
  return undefined;
}

/** For a sentence: without what could disturb a terminal, and not long. */
function shown(name: string): string {
  return JSON.stringify(name.replace(/[\p{C}\p{Zl}\p{Zp}]/gu, "?").slice(0, 80)).slice(1, -1);
}

/** Names that some file system takes for one and the same: upper and lower case, composed and not, dots at the end. */
export function foldedName(name: string): string {
  const parts = name.normalize("NFKC").toLowerCase().split("/");
  return parts.map((part) => part.replace(/[. ]+$/, "") || part).join("/");
}
