import type { ArchiveTable } from "../archives/archives.ts";
import type { AuditTable } from "../audit/table.ts";
import { auditPieces } from "../audit/verify.ts";
import { isCorruption } from "../database/failure.ts";
import { integer, lossyText, textColumns } from "../database/row.ts";
import { deviceRecords } from "../devices/devices.ts";
import { mediaRecords } from "../media/media.ts";
import { memoryPieces } from "../memory/verify.ts";
import type { CompactionTable } from "../messages/compactions.ts";
import type { MessageTable } from "../messages/table.ts";
import type { RunTable } from "../runs/table.ts";
import { runPieces } from "../runs/verify.ts";
import { type SessionTable, sessionSeals } from "../sessions/table.ts";
import { settingRecords } from "../settings/settings.ts";
import type { Damage } from "../types.ts";
import type { UsageTable } from "../usage/table.ts";
import { usagePieces } from "../usage/verify.ts";
import { documentPieces } from "./document-pieces.ts";
import type { Piece } from "./piece.ts";
import type { SealedDeps } from "./sealed.ts";
import { checkTable, checkTablesApart, type TableFinding, tableNames, type WorkerTask } from "./tables.ts";

export interface VerifyDeps extends SealedDeps {
  readonly sessions: SessionTable;
  readonly messages: MessageTable;
  readonly compactions: CompactionTable;
  readonly archives: ArchiveTable;
  readonly runs: RunTable;
  readonly usage: UsageTable;
  readonly audit: AuditTable;
  /** For a connection of its own. */
  readonly access: WorkerTask;
}

/** How many messages are verified before other work may run. */
const chunk = 250;

/** A database of more than 4 MB has tables whose check would hold other work up: they are checked beside it. */
const maxPagesChecked = 1000;

/** Verifies everything there is; gives way to other work after each piece. @returns all damage known afterwards. */
export async function verifyState(deps: VerifyDeps, signal?: AbortSignal): Promise<readonly Damage[]> {
  signal?.throwIfAborted();
  const { connection } = deps;
  const pages = connection.read(() => integer(connection.get("PRAGMA page_count") ?? {}, "page_count"));
  if (pages > maxPagesChecked) {
    for (const finding of await checkTablesApart(deps.access, signal)) reportTable(deps, finding);
  } else await checkPieces(deps, tablePieces(deps), signal);
  await checkPieces(deps, pieces(deps), signal);
  return deps.damage.list();
}

async function checkPieces(deps: VerifyDeps, all: Iterable<Piece>, signal?: AbortSignal): Promise<void> {
  for (const piece of all) {
    signal?.throwIfAborted();
    checkPiece(deps, piece);
    await new Promise((resolve) => setImmediate(resolve));
  }
}

function* tablePieces(deps: VerifyDeps): Generator<Piece> {
  const query = (sql: string) => deps.connection.all(sql);
  const tables: string[] = [];
  yield { name: "tables", check: () => void tables.push(...tableNames(query)) };
  for (const table of tables)
    yield { name: `table ${table}`, check: () => reportTable(deps, checkTable(query, table)) };
}

function* pieces(deps: VerifyDeps): Generator<Piece> {
  yield { name: "register", check: () => deps.seals.check("all") };
  const keys = new Set<string>();
  yield { name: "sessions", check: () => collectKeys(deps, keys) };
  for (const key of keys) yield* sessionPieces(deps, key);
  yield* runPieces(deps.connection, deps.runs);
  yield* memoryPieces(deps);
  yield { name: "records", check: () => checkRecords(deps) };
  yield* documentPieces(deps);
  yield* usagePieces(deps.usage, deps.damage);
  yield* auditPieces(deps.audit, deps.damage);
}

function checkPiece(deps: VerifyDeps, piece: Piece): void {
  try {
    deps.connection.read(piece.check);
  } catch (error) {
    if (!isCorruption(error)) throw error;
    report(deps, piece.name, `The ${piece.name} cannot be read in full: a part of the file is damaged.`);
  }
}

function report(deps: VerifyDeps, part: string, say: string): void {
  deps.damage.report({
    scope: "database",
    name: deps.connection.file,
    say: `${say} Restore a backup.`,
    part,
  });
}

function reportTable(deps: VerifyDeps, finding: TableFinding | undefined): void {
  if (finding === undefined) return;
  const { table, say } = finding;
  report(deps, `table ${table}`, `The table "${table}" is damaged: ${say}.`);
}

function collectKeys(deps: VerifyDeps, keys: Set<string>): void {
  for (const key of deps.seals.list(sessionSeals).keys()) keys.add(key);
  for (const row of deps.connection.all(`SELECT ${textColumns("key")} FROM sessions`))
    keys.add(lossyText(row, "key"));
}

function* sessionPieces(deps: VerifyDeps, key: string): Generator<Piece> {
  let after = 0;
  let head = 0;
  const check = () => {
    const loaded = deps.sessions.byKey(key);
    if (loaded === undefined || loaded.damage !== undefined) return;
    const { row } = loaded;
    head = row.headSeq;
    if (after === 0) checkSession(deps, loaded.row.id, key);
    const { broken } = deps.messages.verify(row, { afterSeq: after, beforeSeq: after + chunk + 1 });
    if (broken !== undefined) deps.sessions.report(key, broken);
  };
  do {
    yield { name: `session "${key}"`, check: () => guarded(deps, key, check) };
    after += chunk;
  } while (after < head);
}

function guarded(deps: VerifyDeps, key: string, check: () => void): void {
  try {
    check();
  } catch (error) {
    if (!isCorruption(error)) throw error;
    deps.sessions.report(key, "a part of it cannot be read");
  }
}

function checkSession(deps: VerifyDeps, id: string, key: string): void {
  const loaded = deps.sessions.byId(id);
  if (loaded === undefined) return;
  deps.runs.checkOpen(loaded);
  if (deps.compactions.find(loaded.row) === "damaged")
    deps.sessions.report(key, "its compaction was changed");
  if (!deps.archives.verify(loaded.row)) deps.sessions.report(key, "its archive was changed");
  const beyond = deps.connection.get(
    "SELECT COUNT(*) AS n FROM messages WHERE session_id = ? AND (seq > ? OR seq < 1)",
    [id, loaded.row.headSeq],
  );
  if (beyond !== undefined && integer(beyond, "n") > 0) deps.sessions.report(key, "messages were slipped in");
}

function checkRecords(deps: VerifyDeps): void {
  const { devices, requests, tokens } = deviceRecords(deps);
  for (const records of [devices, requests, tokens, settingRecords(deps), mediaRecords(deps)]) records.list();
}
