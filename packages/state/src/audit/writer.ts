import type { TransactionListener } from "../database/connection.ts";
import { toStateError } from "../database/failure.ts";
import { StateError } from "../errors.ts";
import type { SealedDeps } from "../integrity/sealed.ts";
import { type AuditEvent, type Redact, type Settled, settle } from "./entry.ts";
import type { HeadReason } from "./head.ts";
import { hashOf } from "./record.ts";
import type { SigningKey } from "./signing-key.ts";
import { type AuditTable, type LogHead, timeText } from "./table.ts";

/** How many records share a signed head, unless a stop or a start comes first. */
const signEvery = 256;
const maxBatch = 512;
const maxPending = 10_000;
const patienceMs = 100;
const retryMs = 5000;

export interface WriterDeps extends Pick<SealedDeps, "connection"> {
  readonly table: AuditTable;
  readonly key: SigningKey;
  readonly nowMs: () => number;
  readonly redact: Redact;
  /** Something could not be written. Contract: must not throw, must not use the state before it returned. */
  readonly onFault: (error: unknown) => void;
}

interface Pending extends Settled {
  readonly atMs: number;
  /** It was recorded within a transaction, and falls with it. */
  isInside: boolean;
  settled?: ((error?: unknown) => void) | undefined;
}

/**
 * The one writer of the log. What waits is written with whichever transaction commits next, else in one of its own. If
 * the log's own pages turn out damaged, it stops riding along, so that nobody else's work fails for it.
 */
export class AuditWriter implements TransactionListener {
  readonly #deps: WriterDeps;
  #pending: Pending[] = [];
  #inFlight: Pending[] = [];
  #head: LogHead | undefined;
  #dropped: { count: number; readonly firstMs: number; lastMs: number } | undefined;
  #timer: Timer | undefined;
  #isSoon = false;
  #isOwn = false;
  #isAlone = false;
  #hasFailed = false;
  #isResumed = false;
  #sign: HeadReason | undefined;

  constructor(deps: WriterDeps) {
    this.#deps = deps;
  }

  record(event: AuditEvent): void {
    this.#push(event, undefined);
    this.#later(patienceMs);
  }

  append(event: AuditEvent): Promise<void> {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const settled = (error?: unknown) => (error === undefined ? resolve() : reject(error));
    this.#push(event, settled);
    if (!this.#isSoon) {
      this.#isSoon = true;
      // Whoever else has something to tell at this moment shares the transaction.
      setImmediate(() => this.flush());
    }
    return promise;
  }

  together<T>(event: AuditEvent, work: () => Promise<T>): Promise<T> {
    const entry = this.#push(event, undefined);
    try {
      // Its transaction is over when this returns: writing is synchronous from begin to end.
      return work();
    } finally {
      if (entry !== undefined) this.#settleTogether(entry);
    }
  }

  /** Writes what waits; whoever waits for it hears of a failure. */
  flush(): void {
    this.#isSoon = false;
    clearTimeout(this.#timer);
    this.#timer = undefined;
    while (this.#pending.length > 0 || this.#sign !== undefined || this.#dropped !== undefined) {
      if (this.#flushOnce()) continue;
      this.#later(retryMs);
      return;
    }
  }

  /** Ends the log with a signed head, if this process wrote to it. */
  close(): void {
    if (this.#head !== undefined || this.#pending.length > 0) this.#sign = "stop";
    this.flush();
    clearTimeout(this.#timer);
  }

  beforeCommit(): void {
    const hasWork = this.#pending.length > 0 || (this.#isOwn && this.#sign !== undefined);
    if (!hasWork || (this.#isAlone && !this.#isOwn)) return;
    this.#inFlight = this.#pending.splice(0, maxBatch);
    try {
      this.#write(this.#inFlight);
    } catch (error) {
      if (this.#isOwn) throw error;
      this.#hasFailed = true;
      throw this.#setAside(error);
    }
  }

  afterCommit(): void {
    for (const entry of this.#pending) entry.isInside = false;
    const written = this.#inFlight;
    this.#inFlight = [];
    for (const { settled } of written) settled?.();
  }

  forget(): void {
    this.#pending = [...this.#inFlight, ...this.#pending].filter(({ isInside }) => !isInside);
    this.#inFlight = [];
    this.#head = undefined;
    this.#deps.key.forget();
  }

  mend(): boolean {
    if (!this.#hasFailed || this.#isAlone) return false;
    this.#hasFailed = false;
    this.#isAlone = true;
    this.#later(patienceMs);
    return true;
  }

  // Whatever is wrong with the log alone is told as damage, so that the transaction is tried again without it.
  #setAside(error: unknown): unknown {
    const { connection, onFault } = this.#deps;
    const known = toStateError(error, connection.file);
    const isDisk = known instanceof StateError && ["disk_full", "io", "busy"].includes(known.code);
    if (isDisk) return known;
    onFault(known);
    const say = `The audit log of ${connection.file} cannot be written: see cara audit verify.`;
    return new StateError("corrupt", say, { cause: error });
  }

  /** What no transaction took: nothing was stored, or the log is on its own. */
  #settleTogether(entry: Pending): void {
    if (!this.#pending.includes(entry)) return;
    if (this.#isAlone) this.#later(patienceMs);
    else this.#pending = this.#pending.filter((one) => one !== entry);
  }

  #push(event: AuditEvent, settled: Pending["settled"]): Pending | undefined {
    const { nowMs, redact, connection, onFault } = this.#deps;
    const atMs = nowMs();
    if (this.#pending.length >= maxPending && settled === undefined) {
      this.#drop(atMs);
      return undefined;
    }
    try {
      const entry = { ...settle(event, redact), atMs, isInside: connection.isWriting(), settled };
      this.#pending.push(entry);
      return entry;
    } catch (error) {
      // The caller's data are not of their kind: that is ours to mend, and nobody's turn fails for it.
      onFault(error);
      settled?.(error);
      return undefined;
    }
  }

  #drop(atMs: number): void {
    this.#dropped ??= { count: 0, firstMs: atMs, lastMs: atMs };
    this.#dropped.count++;
    this.#dropped.lastMs = atMs;
  }

  #later(ms: number): void {
    if (this.#timer !== undefined) return;
    this.#timer = setTimeout(() => this.flush(), ms);
    this.#timer.unref();
  }

  #flushOnce(): boolean {
    this.#isOwn = true;
    this.#tellDropped();
    try {
      this.#deps.connection.write(() => undefined);
      this.#sign = undefined;
      this.#isAlone = false;
      return true;
    } catch (error) {
      for (const entry of this.#pending) {
        entry.settled?.(error);
        entry.settled = undefined;
      }
      this.#deps.onFault(error);
      return false;
    } finally {
      this.#isOwn = false;
    }
  }

  #tellDropped(): void {
    if (this.#dropped === undefined) return;
    const { count, firstMs, lastMs } = this.#dropped;
    this.#dropped = undefined;
    const data = {
      dropped_count: count,
      first_drop_ts: timeText(firstMs),
      last_drop_ts: timeText(lastMs),
    };
    this.#push({ actor: "gateway", event: "audit_events_dropped", data }, () => undefined);
  }

  #write(batch: readonly Pending[]): void {
    const { table } = this.#deps;
    let head = this.#head ?? this.#load();
    for (const entry of batch) head = this.#chain(head, entry, entry.atMs);
    if (this.#isOwn && this.#sign !== undefined) head = this.#signed(head, this.#sign);
    else if (head.seq - head.signedSeq >= signEvery) head = this.#signed(head, "periodic");
    table.seal(head);
    this.#head = head;
  }

  #chain(head: LogHead, { actor, event, data }: Settled, atMs: number): LogHead {
    const unhashed = { seq: head.seq + 1, ts: timeText(atMs), actor, event, data, prevHash: head.hash };
    const record = { ...unhashed, hash: hashOf(unhashed) };
    this.#deps.table.insert(record, atMs);
    return { ...head, seq: record.seq, hash: record.hash };
  }

  #signed(head: LogHead, reason: HeadReason): LogHead {
    if (head.seq === 0 || head.seq === head.signedSeq) return head;
    const { key, table, nowMs } = this.#deps;
    table.addHead(key.findOrMake().sign({ ts: timeText(nowMs()), seq: head.seq, hash: head.hash, reason }));
    return { ...head, signedSeq: head.seq };
  }

  // The register says where the log stood: what was taken from its end stays missing for good, whatever is appended.
  #load(): LogHead {
    const { table, nowMs, key } = this.#deps;
    // From the first record on an export can be signed, by a reader that writes nothing, too.
    key.findOrMake();
    const sealed = table.sealed();
    const newest = table.newest();
    if (typeof sealed === "string") return { ...newest, signedSeq: 0 };
    const seq = Math.max(sealed.seq, newest.seq);
    let head: LogHead = { ...sealed, seq };
    if (this.#isResumed) return head;
    this.#isResumed = true;
    head = this.#signed(head, "recovery");
    if (newest.seq >= sealed.seq) return head;
    const data = { expected_seq: sealed.seq, found_seq: newest.seq };
    const entry = { actor: "gateway", event: "audit_resumed", data } as const;
    return this.#chain(head, settle(entry, this.#deps.redact), nowMs());
  }
}
