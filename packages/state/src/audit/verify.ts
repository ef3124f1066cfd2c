import { isCorruption } from "../database/failure.ts";
import { parseJson } from "../database/stored.ts";
import type { DamageLog } from "../integrity/damage.ts";
import type { Piece } from "../integrity/piece.ts";
import { type AuditFinding, ChainChecker } from "./chain-checker.ts";
import { sha256 } from "./record.ts";
import type { AuditTable, StoredRecord } from "./table.ts";

const chunk = 500;

/** Checks the log in parts; what it finds is in the checker afterwards. */
export function* logPieces(table: AuditTable, checker: ChainChecker): Generator<Piece> {
  const imports: string[] = [];
  let isDone = false;
  const check = () => {
    const from = checker.next();
    const cut = table.cutHead();
    const records = table.records({ afterSeq: from - 1, limit: chunk });
    const last = records.at(-1)?.seq ?? Number.MAX_SAFE_INTEGER;
    const heads = table.heads(Math.max(from - 1, cut?.data.seq ?? 0), last);
    feed(records, heads, checker);
    for (const { event, data } of records) if (event === "audit_imported") imports.push(data);
    isDone = records.length < chunk;
    if (isDone) compareWithRegister(table, checker);
  };
  while (!isDone) {
    isDone = true;
    yield { name: "audit log", check };
  }
  for (const data of imports) yield { name: "audit log", check: () => checkForeign(data, table, checker) };
}

type Heads = ReturnType<AuditTable["heads"]>;

/** Merges both in the order they were written: a head follows its record. */
function feed(records: readonly StoredRecord[], heads: Heads, checker: ChainChecker): void {
  let at = 0;
  const headsThrough = (seq: number) => {
    for (let head = heads[at]; head !== undefined && seqOf(head) <= seq; head = heads[++at]) {
      if ("unreadable" in head)
        checker.find("bad_head", { seq: head.unreadable }, "has a head that cannot be read");
      else if (head.data.seq >= checker.next() - 1) checker.head(head);
    }
  };
  for (const record of records) {
    headsThrough(record.seq - 1);
    checker.record(record);
    if (!record.isSound && record.actual === record.hash)
      checker.find("changed", record, "does not match its seal: it was changed or slipped in");
  }
  headsThrough(Number.MAX_SAFE_INTEGER);
}

function seqOf(head: Heads[number]): number {
  return "unreadable" in head ? head.unreadable : head.data.seq;
}

function compareWithRegister(table: AuditTable, checker: ChainChecker): void {
  const sealed = table.sealed();
  const last = checker.next() - 1;
  if (typeof sealed === "string") {
    if (sealed === "broken") checker.find("unreadable", {}, "The register page of the audit log is damaged");
    else if (last > 0) checker.find("slipped_in", { seq: 1 }, "and what follows are unknown to the register");
    return;
  }
  if (sealed.seq > last) {
    const say = `Records ${last + 1} to ${sealed.seq}, the newest, are gone: the end was cut off`;
    checker.find("truncated", { seq: last + 1 }, say);
  } else if (sealed.seq < last) {
    checker.find("slipped_in", { seq: sealed.seq + 1 }, "was slipped in behind the newest");
  } else if (last > 0 && sealed.hash !== checker.lastHash()) {
    checker.find("changed", { seq: last }, "is not the one that was written last: it was replaced");
  }
  if (sealed.signedSeq > checker.signedThrough())
    checker.find("bad_head", { seq: sealed.signedSeq }, "has lost its signed head");
}

function checkForeign(data: string, table: AuditTable, checker: ChainChecker): void {
  const said: unknown = parseJson(data);
  const digest = typeof said === "object" && said !== null && "sha256" in said ? String(said.sha256) : "";
  const lines: string[] = [];
  for (let after = 0; ; ) {
    const page = table.foreign(digest, after, 1000);
    lines.push(...page.map(({ line }) => line));
    after = page.at(-1)?.n ?? after;
    if (page.length < 1000) break;
  }
  for (const _ of lines) checker.unchained();
  if (digestOf(lines) !== digest)
    checker.find("changed", {}, `The lines taken over with digest ${digest} were changed`);
}

/** The digest that binds the lines of another log: SHA-256 over each with a newline. */
export function digestOf(lines: readonly string[]): string {
  return sha256(lines.map((line) => `${line}\n`).join(""));
}

/** For the verification of everything stored. */
export function* auditPieces(table: AuditTable, damage: DamageLog): Generator<Piece> {
  const checker = new ChainChecker();
  yield* logPieces(table, checker);
  yield { name: "audit log", check: () => report(checker.report().findings, damage) };
}

function report(findings: readonly AuditFinding[], damage: DamageLog): void {
  const first = findings[0];
  if (first === undefined) return;
  const more = findings.length > 1 ? ` and ${findings.length - 1} more findings` : "";
  const say = `The audit log was changed outside of this program. ${first.say.slice(0, -1)}${more}: see cara audit verify.`;
  damage.report({ scope: "database", name: "audit log", say });
}

/** Runs the pieces; a part that SQLite cannot read is a finding, too. */
export async function runPieces(
  pieces: Iterable<Piece>,
  {
    checker,
    read,
    signal,
  }: { checker: ChainChecker; read: (work: () => void) => void; signal?: AbortSignal | undefined },
): Promise<void> {
  for (const piece of pieces) {
    signal?.throwIfAborted();
    try {
      read(piece.check);
    } catch (error) {
      if (!isCorruption(error)) throw error;
      const say = `A part of the log behind record ${checker.next() - 1} cannot be read`;
      return checker.find("unreadable", {}, say);
    }
    await new Promise((resolve) => setImmediate(resolve));
  }
}
