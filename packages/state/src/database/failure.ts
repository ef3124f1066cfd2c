import { systemCode } from "@carapace/files";
import { StateError, type StateFailureCode } from "../errors.ts";

interface Reading {
  readonly code: StateFailureCode;
  readonly say: (file: string) => string;
}

const busy: Reading = {
  code: "busy",
  say: (file) => `${file} is in use by another process: stop it and try again.`,
};

const corrupt: Reading = {
  code: "corrupt",
  say: (file) => `${file} is damaged: restore a backup, or move the file away to start afresh.`,
};

const readings: Readonly<Record<string, Reading>> = {
  SQLITE_FULL: {
    code: "disk_full",
    say: (file) => `The disk of ${file} is full: free some space and try again. Nothing was changed.`,
  },
  SQLITE_BUSY: busy,
  SQLITE_LOCKED: busy,
  SQLITE_NOTADB: {
    code: "wrong_key",
    say: (file) =>
      `${file} does not open with the key beside it: put back the key it was made with, or restore a backup.`,
  },
  SQLITE_CORRUPT: corrupt,
  SQLITE_FORMAT: corrupt,
  // The only triggers guard the audit log, against others: this program meets them when its rows lie about their places.
  SQLITE_CONSTRAINT_TRIGGER: corrupt,
  SQLITE_TOOBIG: corrupt,
  SQLITE_READONLY: {
    code: "io",
    say: (file) => `${file} cannot be written: check its permissions and its disk.`,
  },
  SQLITE_PERM: { code: "io", say: (file) => `${file} cannot be opened: check its permissions.` },
  SQLITE_CANTOPEN: {
    code: "io",
    say: (file) => `${file} cannot be opened: check its permissions and its disk.`,
  },
  SQLITE_IOERR: {
    code: "io",
    say: (file) => `${file} could not be read or written: check its disk. Nothing was changed.`,
  },
};

// libsql names extended codes it does not know by number; the low byte is the primary one.
const primaryCodes: Readonly<Record<number, string>> = {
  5: "SQLITE_BUSY",
  6: "SQLITE_LOCKED",
  8: "SQLITE_READONLY",
  10: "SQLITE_IOERR",
  11: "SQLITE_CORRUPT",
  13: "SQLITE_FULL",
  14: "SQLITE_CANTOPEN",
  26: "SQLITE_NOTADB",
};

function primaryCode(error: unknown): string {
  const named = systemCode(error) ?? "";
  if (typeof error !== "object" || error === null || !("rawCode" in error)) return named;
  return typeof error.rawCode === "number" ? (primaryCodes[error.rawCode & 0xff] ?? named) : named;
}

/** True if SQLite itself found a page, a cell or the search index broken. */
export function isCorruption(error: unknown): boolean {
  const code = error instanceof StateError ? error.code : primaryCode(error);
  return code === "corrupt" || code.startsWith("SQLITE_CORRUPT");
}

/** SQLite's error as one of ours; anything else is passed on as it is (a fault of the program). */
export function toStateError(error: unknown, file: string): unknown {
  if (error instanceof StateError) return error;
  const code = primaryCode(error);
  const found = Object.entries(readings).find(([prefix]) => code.startsWith(prefix));
  if (found === undefined) return error;
  return new StateError(found[1].code, found[1].say(file), { cause: error });
}
