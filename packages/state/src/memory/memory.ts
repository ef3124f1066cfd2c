import { Origin } from "@carapace/protocol";
import {
  blobColumns,
  integer,
  lossyText,
  numberColumns,
  type Row,
  storedMac,
  textColumns,
} from "../database/row.ts";
import { assertStorable, parseJson } from "../database/stored.ts";
import { StateError } from "../errors.ts";
import { macText } from "../integrity/macs.ts";
import { flawOf, type SealedDeps } from "../integrity/sealed.ts";
import type { SealGroup } from "../integrity/seals.ts";
import { parseQuery } from "../search/query.ts";
import { MemoryIndex } from "./memory-index.ts";
import type { MemoryEntry, MemoryRepository } from "./types.ts";

/** The longest key and text of a note, in bytes of UTF-8 (agent.md §9.2). */
export const noteLimits = { maxKeyBytes: 1024, maxValueBytes: 65_536 } as const;
const maxSetBytes = 4 * 1024 * 1024;

interface MemoryDeps extends SealedDeps {
  readonly index: MemoryIndex;
}

const selectNotes = `SELECT ${textColumns("agent_id", "key", "value", "origin")}, ${numberColumns("updated_at")},
  ${blobColumns("mac")} FROM memory`;

/** The assistant's notes, one sealed set per agent (agent.md §7.10). An entry that does not verify counts as absent. */
export function createMemory(base: SealedDeps): MemoryRepository {
  const { connection } = base;
  const index = new MemoryIndex(connection);
  const deps = { ...base, index };
  return {
    read: async (agentId, key) => connection.read(() => readNote(deps, agentId, key)),
    write: async (agentId, entry) => connection.write(() => write(deps, agentId, entry)),
    forget: async (agentId, key) => connection.write(() => forget(deps, agentId, key)),
    list: async (agentId) => connection.read(() => listMemory(deps, agentId)),
    search: async (agentId, query, limit) =>
      connection.read(() =>
        index
          .search(agentId, parseQuery(query), limit)
          .map((n) => connection.get(`${selectNotes} WHERE n = ?`, [n]))
          .map((raw) => (raw === undefined ? undefined : verified(deps, agentId, raw)))
          .filter((entry) => entry !== undefined),
      ),
  };
}

/** One note; undefined if there is none or it does not verify, which is reported. */
export function readNote(deps: SealedDeps, agentId: string, key: string): MemoryEntry | undefined {
  const raw = deps.connection.get(`${selectNotes} WHERE memory.agent_id = ? AND memory.key = ?`, [
    agentId,
    key,
  ]);
  if (raw !== undefined) return verified(deps, agentId, raw);
  if (deps.seals.find(memorySeals(agentId), key).kind === "sealed")
    report(deps, { agentId, key }, "was removed");
  return undefined;
}

/** Checks the agent's notes whose keys come after one, in order. @returns their keys */
export function notePage(
  deps: SealedDeps,
  agentId: string,
  page: { readonly after: string; readonly limit: number },
): string[] {
  const rows = deps.connection.all(
    `${selectNotes} WHERE memory.agent_id = ? AND memory.key > ? ORDER BY memory.key LIMIT ?`,
    [agentId, page.after, page.limit],
  );
  for (const raw of rows) verified(deps, agentId, raw);
  return rows.map((row) => lossyText(row, "key"));
}

/** The keys of all notes of an agent that the register lists. */
export function sealedNotes(deps: SealedDeps, agentId: string): string[] {
  return [...deps.seals.list(memorySeals(agentId)).keys()];
}

/** The agent's notes by key; those that do not verify, or are gone, are reported. */
function listMemory(deps: SealedDeps, agentId: string): MemoryEntry[] {
  const rows = deps.connection.all(`${selectNotes} WHERE memory.agent_id = ? ORDER BY memory.key`, [agentId]);
  const missing = new Set(deps.seals.list(memorySeals(agentId)).keys());
  for (const row of rows) missing.delete(lossyText(row, "key"));
  for (const key of missing) report(deps, { agentId, key }, "was removed");
  return rows.map((raw) => verified(deps, agentId, raw)).filter((entry) => entry !== undefined);
}

function write(deps: MemoryDeps, agentId: string, entry: MemoryEntry): boolean {
  assertEntry(agentId, entry);
  const { connection, macs, seals } = deps;
  const size = Buffer.byteLength(entry.key) + Buffer.byteLength(entry.value);
  const others = connection.get(sizeSql, [agentId, entry.key]);
  if (others === undefined || integer(others, "size") + size > maxSetBytes) return false;
  removeRow(deps, agentId, entry.key);
  const columns = [agentId, entry.key, entry.value, JSON.stringify(entry.origin), entry.updatedAtMs];
  const mac = macs.record("memory", columns);
  const n = connection.insert(insertSql, [...columns, mac]);
  deps.index.add(n, agentId, `${entry.key}\n${entry.value}`);
  seals.set(memorySeals(agentId), entry.key, macText(mac));
  deps.damage.settle({ scope: "memory", name: agentId, part: entry.key });
  return true;
}

function forget(deps: MemoryDeps, agentId: string, key: string): boolean {
  const removed = removeRow(deps, agentId, key);
  const wasSealed = deps.seals.find(memorySeals(agentId), key).kind === "sealed";
  if (removed || wasSealed) deps.seals.remove(memorySeals(agentId), key);
  if (removed) deps.index.purge();
  deps.damage.settle({ scope: "memory", name: agentId, part: key });
  return removed;
}

function removeRow(deps: MemoryDeps, agentId: string, key: string): boolean {
  const row = deps.connection.get("SELECT n FROM memory WHERE agent_id = ? AND key = ?", [agentId, key]);
  if (row === undefined) return false;
  deps.index.remove(integer(row, "n"));
  deps.connection.run("DELETE FROM memory WHERE n = ?", [integer(row, "n")]);
  return true;
}

function verified(deps: SealedDeps, agentId: string, raw: Row): MemoryEntry | undefined {
  const note = { agentId, key: lossyText(raw, "key") };
  if (!Number.isSafeInteger(raw["updated_at"])) return report(deps, note, "cannot be read");
  const columns = [
    lossyText(raw, "agent_id"),
    note.key,
    lossyText(raw, "value"),
    lossyText(raw, "origin"),
    integer(raw, "updated_at"),
  ] as const;
  const [owner, key, value, originJson, updatedAtMs] = columns;
  if (owner !== agentId) return undefined;
  const mac = deps.macs.record("memory", columns);
  const flaw = flawOf(deps.seals, memorySeals(agentId), { name: key, mac, storedMac: storedMac(raw) });
  const origin = Origin.safeParse(parseJson(originJson));
  if (flaw !== undefined || !origin.success) return report(deps, note, flaw ?? "has an unknown form");
  return { key, value, origin: origin.data, updatedAtMs };
}

function report(
  deps: SealedDeps,
  { agentId, key }: { readonly agentId: string; readonly key: string },
  what: string,
): undefined {
  const say = `The note "${key}" of the agent "${agentId}" was changed outside of this program: it ${what}. It is not used; write or forget it to settle this.`;
  deps.damage.report({ scope: "memory", name: agentId, say, part: key });
  return undefined;
}

function assertEntry(agentId: string, entry: MemoryEntry): void {
  assertStorable("The agent's id", agentId);
  assertStorable("The key of a note", entry.key);
  assertStorable("A note", entry.value);
  if (entry.key === "") throw new StateError("invalid", "The key of a note is empty.");
  if (Buffer.byteLength(entry.key) > noteLimits.maxKeyBytes) {
    throw new StateError("invalid", `The key of a note is longer than ${noteLimits.maxKeyBytes} bytes.`);
  }
  if (Buffer.byteLength(entry.value) > noteLimits.maxValueBytes) {
    throw new StateError("invalid", `A note is longer than ${noteLimits.maxValueBytes} bytes: split it.`);
  }
}

/** Where an agent's notes stand in the register. */
function memorySeals(agentId: string): SealGroup {
  return { name: `memory/${agentId}`, pages: 16 };
}

const sizeSql = `SELECT COALESCE(SUM(octet_length(key) + octet_length(value)), 0) AS size FROM memory
  WHERE agent_id = ? AND key <> ?`;
const insertSql =
  "INSERT INTO memory(agent_id, key, value, origin, updated_at, mac) VALUES(?, ?, ?, ?, ?, ?)";
