import { rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import { checkPrivate, refuseSystem, syncFolder } from "@carapace/files";
import { accepted, fileError } from "../directory.ts";
import { StateError } from "../errors.ts";
import { Connection } from "./connection.ts";
import { toStateError } from "./failure.ts";
import { integer } from "./row.ts";

export interface OpenOptions {
  readonly file: string;
  /** 64 hex characters. */
  readonly key: string;
  /** How long a statement waits for another process. */
  readonly busyTimeoutMs: number;
  /** `DELETE` for a draft: the log and its index have names of their own, which a rename would not move. */
  readonly journal?: "WAL" | "DELETE";
}

const pragmas = `
PRAGMA synchronous = FULL;
PRAGMA foreign_keys = ON;
PRAGMA secure_delete = ON;
PRAGMA trusted_schema = OFF;
PRAGMA cell_size_check = ON;
PRAGMA temp_store = MEMORY;
PRAGMA cache_size = -4096;
PRAGMA journal_size_limit = 4194304;
`;

const pageBytes = 4096;

/** Opens an encrypted database that exists. @throws StateError, the sentence naming the file */
export async function openDatabase(options: OpenOptions): Promise<Connection> {
  const { default: Database } = await import("libsql");
  try {
    const db = new Database(options.file, settings(options));
    const connection = new Connection(db, options.file);
    try {
      connection.script(`PRAGMA journal_mode = ${options.journal ?? "WAL"};${pragmas}`);
      connection.read(() => connection.get("SELECT COUNT(*) AS n FROM sqlite_schema"));
      await assertWhole(connection);
    } catch (error) {
      connection.close();
      throw error;
    }
    return connection;
  } catch (error) {
    throw await explained(toStateError(error, options.file), options.file);
  }
}

// The engine may not notice pages that are missing at the end before it needs them.
async function assertWhole(connection: Connection): Promise<void> {
  const log = await stat(`${connection.file}-wal`).catch(() => undefined);
  if (log !== undefined && log.size > 0) connection.script("PRAGMA wal_checkpoint(TRUNCATE)");
  const pages = connection.read(() => integer(connection.get("PRAGMA page_count") ?? {}, "page_count"));
  const { size } = await stat(connection.file);
  const left = await stat(`${connection.file}-wal`).catch(() => undefined);
  if (size >= pages * pageBytes || (left !== undefined && left.size > 0)) return;
  const say = `${connection.file} is cut short: restore a backup, or move it away to start afresh.`;
  throw new StateError("corrupt", say);
}

function settings({ key, busyTimeoutMs }: OpenOptions) {
  return { encryptionCipher: "aes256cbc", encryptionKey: key, timeout: busyTimeoutMs };
}

/**
 * Makes a new database under a temporary name, lets `found` fill it, and gives it its name when it is whole: a file of
 * that name is always a complete database.
 */
export async function createDatabase(
  options: OpenOptions,
  found: (connection: Connection) => void,
): Promise<void> {
  const draft = `${options.file}.new`;
  await removeDatabase(draft);
  try {
    await writeFile(draft, "", { flag: "wx", mode: 0o600 });
    const connection = await openDatabase({ ...options, file: draft, journal: "DELETE" });
    try {
      found(connection);
    } finally {
      connection.close();
    }
    await rename(draft, options.file);
    await removeDatabase(draft);
    syncFolder(dirname(options.file));
  } catch (error) {
    await removeDatabase(draft);
    throw error instanceof StateError ? error : fileError(refuseSystem(options.file, error, "made"));
  }
}

async function removeDatabase(file: string): Promise<void> {
  for (const suffix of ["", "-wal", "-shm", "-journal"]) await rm(`${file}${suffix}`, { force: true });
}

/** Checks the database's files before they are opened. @returns the size of the main one, undefined without one */
export function checkFiles(file: string): number | undefined {
  const log = accepted(checkPrivate(`${file}-wal`, "tighten"));
  accepted(checkPrivate(`${file}-shm`, "tighten"));
  const size = accepted(checkPrivate(file, "tighten"));
  if ((size !== undefined && size < pageBytes) || (size === undefined && log !== undefined && log > 0)) {
    const say = `${file} is ${size === undefined ? "missing, though its log is there" : "cut short"}: restore a backup, or move what is left of it away to start afresh.`;
    throw new StateError("corrupt", say);
  }
  return size;
}

// An encrypted file and one that is no database at all look alike to SQLite. The cipher leaves bytes 16 to 23 of the
// header readable: page size and payload fractions.
async function explained(error: unknown, path: string): Promise<unknown> {
  if (!(error instanceof StateError) || error.code !== "wrong_key") return error;
  const header = Buffer.from(await Bun.file(path).slice(0, 24).arrayBuffer());
  const isOurs = header.length === 24 && header.subarray(21, 24).equals(Buffer.from([64, 32, 32]));
  if (isOurs) return error;
  const say = `${path} is not a database of this program, or it is damaged: restore a backup, or move the file away to start afresh.`;
  return new StateError("not_a_database", say, { cause: error });
}
