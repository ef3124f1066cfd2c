import { systemCode } from "@carapace/files/system-code";
import { ok, type Result } from "@carapace/protocol/failures";
import type { CommandDefinition, ExitCode, Run } from "../../command/definition.ts";
import { remoteOptions } from "../../command/options.ts";
import { openExportFile } from "./export-file.ts";
import { readSince, sinceSay } from "./since.ts";
import { type AuditSource, offlineOption, openSource } from "./source.ts";

export const definition = {
  name: "audit export",
  summary: "Write the audit log to a file that anybody can check",
  details: [
    "One line of JSON a record, in the reference's form with what chains it, and the signed heads. Check it with cara audit verify, or with the script of docs/audit.md.",
    "Without --output the lines go to standard output.",
  ],
  options: {
    output: {
      kind: "text",
      short: "o",
      value: "file",
      help: "A file that is not there yet; only you can read it",
    },
    since: { kind: "text", value: "time", help: "Only records since then (12h, 7d, 2026-01-31)" },
    offline: offlineOption,
    ...remoteOptions,
  },
  examples: [
    { command: "cara audit export -o audit.jsonl", says: "everything" },
    { command: "cara audit export --since 30d > month.jsonl", says: "the last 30 days" },
  ],
} as const satisfies CommandDefinition;

export async function run({ options, world }: Run<typeof definition>): Promise<ExitCode> {
  const { out } = world;
  const sinceMs = options.since === undefined ? undefined : readSince(options.since, world.nowMs());
  if (options.since !== undefined && sinceMs === undefined) return out.fail(sinceSay);
  const opened = await openSource(options, world);
  if (!opened.ok) return out.fail(opened.say);
  await using source = opened.value;
  if (options.output === undefined) {
    const written = await writeLog(source, sinceMs, (line) => out.piece(`${line}\n`));
    return written.ok ? 0 : out.fail(written.say);
  }
  const made = openExportFile(options.output);
  if (!made.ok) return out.fail(made.say);
  using file = made.value;
  try {
    const written = await writeLog(source, sinceMs, file.write);
    if (!written.ok) return out.fail(written.say);
    file.keep();
    out.result(`${written.value.records} records written to ${options.output}`);
    if (written.value.key !== undefined) out.result(`Key: ${written.value.key}`);
    return 0;
  } catch (error) {
    const code = systemCode(error);
    if (code === undefined) throw error;
    return out.fail(`${options.output} could not be written (${code}); what was there of it is removed`);
  }
}

interface Written {
  readonly records: number;
  readonly key?: string;
}

/** Lines of other logs, then the records with their heads between two signed ends. */
async function writeLog(
  source: AuditSource,
  sinceMs: number | undefined,
  write: (line: string) => void,
): Promise<Result<Written>> {
  if (sinceMs === undefined) {
    const foreign = await writeForeign(source, write);
    if (!foreign.ok) return foreign;
  }
  const from = await firstSeq(source, sinceMs);
  if (!from.ok) return from;
  const { AuditHead, headLine } = await import("@carapace/state/audit");
  const opening = await source.tail({ afterSeq: from.value, limit: 1, signed: true });
  if (!opening.ok) return opening;
  const { start } = opening.value;
  if (start !== undefined) write(headLine(AuditHead.parse(start)));
  const end = await writeRecords(source, start?.data.seq ?? from.value, write);
  if (!end.ok) return end;
  const closing = await source.tail({ afterSeq: Math.max(0, end.value.last - 1), limit: 1, signed: true });
  if (!closing.ok) return closing;
  const { end: head, publicKey } = closing.value;
  if (head !== undefined) write(headLine(AuditHead.parse(head)));
  return ok({ records: end.value.records, ...(publicKey === undefined ? {} : { key: publicKey }) });
}

/** The record before the first one since then. */
async function firstSeq(source: AuditSource, sinceMs: number | undefined): Promise<Result<number>> {
  if (sinceMs === undefined) return ok(0);
  const found = await source.tail({ afterSeq: 0, sinceMs, limit: 1 });
  if (!found.ok) return found;
  return ok((found.value.records[0]?.seq ?? found.value.headSeq + 1) - 1);
}

async function writeForeign(source: AuditSource, write: (line: string) => void): Promise<Result<undefined>> {
  for (let after = 0; ; ) {
    const answer = await source.tail({ foreignAfter: after, limit: 1000 });
    if (!answer.ok) return answer;
    const lines = answer.value.foreign ?? [];
    if (lines.length === 0) return ok(undefined);
    for (const { n, line } of lines) {
      write(line);
      after = n;
    }
  }
}

async function writeRecords(
  source: AuditSource,
  from: number,
  write: (line: string) => void,
): Promise<Result<{ records: number; last: number }>> {
  const { AuditHead, AuditRecord, canonicalJson, headLine, recordLine } = await import(
    "@carapace/state/audit"
  );
  let records = 0;
  for (let last = from; ; ) {
    const answer = await source.tail({ afterSeq: last, limit: 1000 });
    if (!answer.ok) return answer;
    const heads = answer.value.heads.filter(({ data }) => data.seq > last && data.reason !== "cut");
    if (answer.value.records.length === 0) return ok({ records, last });
    for (const record of answer.value.records) {
      const { data, ...rest } = AuditRecord.parse(record);
      write(recordLine({ ...rest, data: canonicalJson(data) }));
      for (const head of heads) if (head.data.seq === record.seq) write(headLine(AuditHead.parse(head)));
      records++;
      last = record.seq;
    }
  }
}
