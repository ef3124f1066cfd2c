import type { ArchiveTable } from "../archives/archives.ts";
import type { Connection } from "../database/connection.ts";
import { isCorruption } from "../database/failure.ts";
import { integer, lossyText, textColumns } from "../database/row.ts";
import { deviceRecords } from "../devices/devices.ts";
import { memoryAgents, verifyMemory } from "../memory/verify.ts";
import type { CompactionTable } from "../messages/compactions.ts";
import type { MessageTable } from "../messages/table.ts";
import { type RunTable, selectRuns } from "../runs/table.ts";
import { type SessionTable, sessionSeals } from "../sessions/table.ts";
import { settingRecords } from "../settings/settings.ts";
import type { Damage } from "../types.ts";
import type { UsageTable } from "../usage/table.ts";
import type { DamageLog } from "./damage.ts";
import type { Macs } from "./macs.ts";
import type { Seals } from "./seals.ts";

export interface VerifyDeps {
  readonly connection: Connection;
  readonly macs: Macs;
  readonly seals: Seals;
  readonly damage: DamageLog;
  readonly sessions: SessionTable;
  readonly messages: MessageTable;
  readonly compactions: CompactionTable;
  readonly archives: ArchiveTable;
  readonly runs: RunTable;
  readonly usage: UsageTable;
}

/** How many messages are verified before other work may run. */
const chunk = 500;

/** Verifies everything there is; gives way to other work after each piece. @returns all damage known afterwards. */
export async function verifyState(deps: VerifyDeps, signal?: AbortSignal): Promise<readonly Damage[]> {
  for (const piece of pieces(deps)) {
    signal?.throwIfAborted();
    checkPiece(deps, piece);
    await new Promise((resolve) => setImmediate(resolve));
  }
  return deps.damage.list();
}

interface Piece {
  readonly name: string;
  readonly check: () => void;
}

function* pieces(deps: VerifyDeps): Generator<Piece> {
  const tables: string[] = [];
  yield { name: "tables", check: () => void tables.push(...tableNames(deps)) };
  for (const table of tables) yield { name: `table ${table}`, check: () => checkPages(deps, table) };
  yield { name: "register", check: () => deps.seals.check("all") };
  const keys = new Set<string>();
  yield { name: "sessions", check: () => collectKeys(deps, keys) };
  for (const key of keys) yield* sessionPieces(deps, key);
  yield { name: "runs", check: () => checkRuns(deps) };
  const agents = new Set<string>();
  yield { name: "memory", check: () => memoryAgents(deps, agents) };
  for (const agent of agents) yield { name: "memory", check: () => verifyMemory(deps, agent) };
  yield { name: "records", check: () => checkRecords(deps) };
  yield* usagePieces(deps);
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

// Tables under a search index are checked by it.
function tableNames(deps: VerifyDeps): string[] {
  const rows = deps.connection.all(`SELECT ${textColumns("name")} FROM sqlite_schema WHERE type = 'table'`);
  return rows
    .map((row) => lossyText(row, "name"))
    .filter((name) => !/_index_\w+$/.test(name) && /^\w+$/.test(name));
}

function checkPages(deps: VerifyDeps, table: string): void {
  const rows = deps.connection.all(`PRAGMA integrity_check('${table}')`);
  const findings = rows.map((row) => String(row["integrity_check"]));
  if (findings.length === 1 && findings[0] === "ok") return;
  const say = `The table "${table}" is damaged: ${findings.slice(0, 3).join("; ").slice(0, 300)}.`;
  report(deps, `table ${table}`, say);
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

function checkRuns(deps: VerifyDeps): void {
  for (const raw of deps.connection.all(selectRuns)) deps.runs.verify(raw);
}

function checkRecords(deps: VerifyDeps): void {
  const { devices, requests, tokens } = deviceRecords(deps);
  for (const records of [devices, requests, tokens, settingRecords(deps)]) records.list();
}

function* usagePieces(deps: VerifyDeps): Generator<Piece> {
  const keys = new Set<string>();
  yield { name: "usage", check: () => deps.usage.collectKeys(keys) };
  for (const key of keys) yield { name: "usage", check: () => checkUsage(deps, key) };
}

function checkUsage(deps: VerifyDeps, key: string): void {
  if (deps.usage.verify(key)) return;
  const say = `The usage log of the session "${key}" was changed outside of this program: its sums cannot be trusted. Clear it, or restore a backup.`;
  deps.damage.report({ scope: "database", name: `usage ${key}`, say });
}
