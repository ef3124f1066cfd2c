import type { SessionKey } from "@carapace/protocol";
import type { Audit } from "../audit/types.ts";
import type { TransactionListener } from "../database/connection.ts";
import { assertStorable } from "../database/stored.ts";
import { StateError } from "../errors.ts";
import type { CompactionTable } from "../messages/compactions.ts";
import type { MessageTable } from "../messages/table.ts";
import type { RunTable } from "../runs/table.ts";
import type { HistoryRange, Message, SessionMetadata } from "../types.ts";
import { mergeMetadata, nextUpdate, type SessionRow } from "./row.ts";
import type { LoadedSession, SessionTable } from "./table.ts";

export interface WriterDeps {
  readonly sessions: SessionTable;
  readonly messages: MessageTable;
  readonly compactions: CompactionTable;
  readonly runs: RunTable;
  readonly newId: () => string;
  readonly audit: Pick<Audit, "record">;
}

/** A context holds no more; an imported session may have a hundred thousand, which would hold everything up. */
const checkedMessages = 512;

/** Steps on sessions that several repositories share. Callers hold the transaction. */
export class SessionWriter implements TransactionListener {
  readonly #deps: WriterDeps;
  /** Sessions whose context verified since the database was last changed by others. */
  readonly #verified = new Set<string>();

  constructor(deps: WriterDeps) {
    this.#deps = deps;
  }

  forget(): void {
    this.#verified.clear();
  }

  /** @throws StateError `invalid`, `session_damaged` */
  upsert(key: SessionKey, metadata: SessionMetadata, nowMs: number): SessionRow {
    const found = this.#deps.sessions.byKey(key);
    if (found === undefined) return this.create(key, metadata, nowMs);
    const row = this.#deps.sessions.writable(found);
    const merged = mergeMetadata(row.metadata, metadata);
    if (JSON.stringify(merged) === JSON.stringify(row.metadata)) return row;
    const next = { ...row, metadata: merged, updatedAtMs: nextUpdate(row, nowMs) };
    this.#deps.sessions.update(next);
    if (merged.agentId !== row.metadata.agentId) this.#deps.messages.reindex(next);
    return next;
  }

  create(key: SessionKey, metadata: SessionMetadata, nowMs: number): SessionRow {
    assertStorable("The session's key", key);
    const id = this.#deps.newId();
    const row: SessionRow = {
      ...this.#emptyHistory(id),
      id,
      key,
      status: "active",
      metadata: mergeMetadata({}, metadata),
      archiveMac: undefined,
      openRuns: this.#deps.runs.openMac(id),
      createdAtMs: nowMs,
      updatedAtMs: nowMs,
    };
    this.#deps.sessions.insert(row);
    const { userId } = row.metadata;
    const data = { session_id: id, ...(userId === undefined ? {} : { user_id: userId }) };
    this.#deps.audit.record({ actor: "gateway", event: "session_created", data });
    return row;
  }

  /** Drops all messages and what stands for them. @returns the row, still to be stored. */
  emptied(row: SessionRow): SessionRow {
    this.#deps.messages.clear(row.id);
    this.#deps.compactions.remove(row.id);
    return { ...row, ...this.#emptyHistory(row.id) };
  }

  /** Reads a part of a history. What does not verify sets the session aside; then all that can be read is returned. */
  history(loaded: LoadedSession, range: HistoryRange): { messages: Message[]; loaded: LoadedSession } {
    if (loaded.damage === undefined) {
      const { messages, broken } = this.#deps.messages.read(loaded.row, range);
      if (broken === undefined) return { messages, loaded };
      loaded = { ...loaded, damage: this.#deps.sessions.report(loaded.row.key, broken) };
    }
    return { messages: this.#deps.messages.salvage(loaded.row.id, range), loaded };
  }

  /**
   * Checks what a model would be shown, once for each session: its compaction and the newest messages since. Whatever
   * is read further back is checked when it is read.
   * @throws StateError `session_damaged`
   */
  verifyContext(row: SessionRow): void {
    if (this.#verified.has(row.id)) return;
    const compaction = this.#deps.compactions.find(row);
    if (compaction === "damaged") throw this.#refusal(row, "its compaction does not match its seal");
    const afterSeq = compaction?.throughSeq ?? 0;
    const { broken } = this.#deps.messages.read(row, { afterSeq, limit: checkedMessages });
    if (broken !== undefined) throw this.#refusal(row, broken);
    this.#verified.add(row.id);
  }

  #refusal(row: SessionRow, what: string): StateError {
    return new StateError("session_damaged", this.#deps.sessions.report(row.key, what).say);
  }

  #emptyHistory(id: string): Pick<SessionRow, "generation" | "headSeq" | "headMac" | "compactionMac"> {
    const generation = this.#deps.newId();
    return {
      generation,
      headSeq: 0,
      headMac: this.#deps.messages.genesis({ id, generation }),
      compactionMac: undefined,
    };
  }
}
