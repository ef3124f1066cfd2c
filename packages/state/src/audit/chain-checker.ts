import { type AuditHead, isHeadSigned } from "./head.ts";
import { firstPrevHash } from "./record.ts";

/** What is wrong with a log, and where. */
export interface AuditFinding {
  readonly kind:
    | "changed"
    | "removed"
    | "reordered"
    | "slipped_in"
    | "truncated"
    | "bad_head"
    | "other_key"
    | "unreadable";
  /** The record it is about, or the first of several. */
  readonly seq?: number;
  /** In a file, counted from 1. */
  readonly line?: number;
  readonly say: string;
}

/** What a check found out. */
export interface AuditReport {
  /** Chained records that were read. */
  readonly records: number;
  readonly firstSeq?: number;
  readonly lastSeq?: number;
  /** The newest record that a sound signature covers; 0 if there is none. */
  readonly signedThrough: number;
  /** The keys that signed; more than one is a finding unless the owner says why. */
  readonly publicKeys: readonly string[];
  /** Lines without a chain: files of the reference, or lines that were taken over from them. */
  readonly unchained: number;
  /** At most 100 are told. */
  readonly findings: readonly AuditFinding[];
}

const maxFindings = 100;

/** A record as far as the chain goes. */
export interface Link {
  readonly seq: number;
  readonly prevHash: string;
  readonly hash: string;
  /** The hash of what it holds; undefined if that has none. */
  readonly actual: string | undefined;
  readonly line?: number;
}

interface Range {
  from: number;
  to: number;
}

/** Checks records and heads one after the other, in the order of the log. Needs no key and no memory of them all. */
export class ChainChecker {
  readonly #pinned: string | undefined;
  readonly #findings: AuditFinding[] = [];
  readonly #keys = new Set<string>();
  #missing: Range[] = [];
  #expected = 1;
  #lastHash = firstPrevHash;
  #records = 0;
  #first: number | undefined;
  #signedThrough = 0;
  #unchained = 0;
  #closing: AuditHead | undefined;

  /** @param pinned The only key that may have signed, if the reader knows it. */
  constructor(pinned?: string) {
    this.#pinned = pinned;
  }

  record(link: Link): void {
    this.#records++;
    this.#first ??= link.seq;
    this.#closing = undefined;
    if (link.actual !== link.hash) this.find("changed", link, "does not match its hash: it was changed");
    if (link.seq < this.#expected) this.#outOfOrder(link);
    else this.#advance(link);
  }

  head(head: AuditHead, line?: number): void {
    const at = { seq: head.data.seq, ...(line === undefined ? {} : { line }) };
    this.#closing = head;
    if (!isHeadSigned(head)) {
      this.find("bad_head", at, "has a head with a wrong signature");
      return;
    }
    this.#acceptKey(head.data.public_key, at);
    if (head.data.seq < this.#expected - 1)
      this.find("reordered", at, "has a head that stands in another place");
    else this.#compare(head, at);
  }

  /** A line that never had a chain. */
  unchained(): void {
    this.#unchained++;
  }

  /** @param what A whole sentence without its full stop, or what is wrong with the record: it is named in front. */
  find(kind: AuditFinding["kind"], { seq, line }: { seq?: number; line?: number }, what: string): void {
    if (this.#findings.length >= maxFindings) return;
    const subject = seq === undefined || /^[A-Z]/.test(what) ? "" : `Record ${seq} `;
    this.#findings.push({
      kind,
      ...(seq === undefined ? {} : { seq }),
      ...(line === undefined ? {} : { line }),
      say: `${subject}${what}.`,
    });
  }

  /** @returns whether the last thing seen was the head that closes an export. */
  isClosed(): boolean {
    return this.#closing?.data.reason === "export" && this.#closing.data.seq === this.#expected - 1;
  }

  /** The next record's number, as far as was seen. */
  next(): number {
    return this.#expected;
  }

  lastHash(): string {
    return this.#lastHash;
  }

  signedThrough(): number {
    return this.#signedThrough;
  }

  report(): AuditReport {
    const gone = this.#missing.map(({ from, to }): AuditFinding => {
      const say = from === to ? `Record ${from} was removed.` : `Records ${from} to ${to} were removed.`;
      return { kind: "removed", seq: from, say };
    });
    const findings = [...this.#findings, ...gone].sort((a, b) => (a.seq ?? 0) - (b.seq ?? 0));
    return {
      records: this.#records,
      ...(this.#first === undefined ? {} : { firstSeq: this.#first, lastSeq: this.#expected - 1 }),
      signedThrough: this.#signedThrough,
      publicKeys: [...this.#keys],
      unchained: this.#unchained,
      findings: findings.slice(0, maxFindings),
    };
  }

  #advance({ seq, prevHash, hash, line }: Link): void {
    const at = { seq, ...(line === undefined ? {} : { line }) };
    if (seq > this.#expected) this.#missing.push({ from: this.#expected, to: seq - 1 });
    else if (prevHash !== this.#lastHash)
      this.find("changed", at, "does not continue the one before it: one of the two was replaced");
    this.#expected = seq + 1;
    this.#lastHash = hash;
  }

  #compare({ data: { seq, hash, reason } }: AuditHead, at: { seq: number; line?: number }): void {
    if (seq >= this.#expected) {
      const isStart = reason === "start" && this.#records === 0 && this.#expected === 1;
      // A cut may fall between two looks at the log: what it stands for is gone by right wherever it is met.
      if (!isStart && reason !== "cut") this.#missing.push({ from: this.#expected, to: seq });
      this.#expected = seq + 1;
    } else if (hash !== this.#lastHash) {
      this.find("changed", at, "is not the one that was signed: it was replaced");
    }
    this.#lastHash = hash;
    this.#signedThrough = Math.max(this.#signedThrough, seq);
  }

  #outOfOrder(link: Link): void {
    const range = this.#missing.find(({ from, to }) => from <= link.seq && link.seq <= to);
    if (range === undefined) {
      this.find("slipped_in", link, "is there twice");
      return;
    }
    this.#missing = this.#missing.filter((one) => one !== range);
    if (range.from < link.seq) this.#missing.push({ from: range.from, to: link.seq - 1 });
    if (link.seq < range.to) this.#missing.push({ from: link.seq + 1, to: range.to });
    this.find("reordered", link, "stands in another place than it was written");
  }

  #acceptKey(key: string, at: { seq: number; line?: number }): void {
    if (this.#keys.has(key)) return;
    this.#keys.add(key);
    if (this.#pinned !== undefined && key !== this.#pinned)
      this.find("other_key", at, `has a head signed with ${key}, which is not the key you named`);
    else if (this.#keys.size > 1) this.find("other_key", at, `has a head signed with another key: ${key}`);
  }
}
