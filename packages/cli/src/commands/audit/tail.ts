import type { CommandDefinition, ExitCode, Run } from "../../command/definition.ts";
import { jsonOption, remoteOptions } from "../../command/options.ts";
import { cleanLine } from "../../output/clean.ts";
import { compactJson } from "../../output/json.ts";
import type { CliWorld } from "../../world.ts";
import { readSince, sinceSay } from "./since.ts";
import { type AuditAnswer, type AuditAsk, type AuditSource, offlineOption, openSource } from "./source.ts";

export const definition = {
  name: "audit tail",
  summary: "Show the audit log",
  details: ["With --json each record is one line, as audit export writes it."],
  options: {
    lines: {
      kind: "whole",
      short: "n",
      value: "number",
      min: 1,
      max: 1000,
      help: "How many records (default: 20)",
    },
    follow: { kind: "flag", short: "f", help: "Go on with new records until Ctrl-C" },
    event: { kind: "text", value: "event", help: "Only records of this kind" },
    since: { kind: "text", value: "time", help: "Only records since then (12h, 7d, 2026-01-31)" },
    offline: offlineOption,
    json: jsonOption,
    ...remoteOptions,
  },
  examples: [
    { command: "cara audit tail", says: "the newest records" },
    { command: "cara audit tail -f --event auth_failure", says: "wait for wrong tokens" },
    { command: "cara audit tail -n 1000 --since 7d --json", says: "for a script" },
  ],
} as const satisfies CommandDefinition;

const pollMs = 500;

type AuditRecord = AuditAnswer["records"][number];

export async function run({ options, world }: Run<typeof definition>): Promise<ExitCode> {
  const sinceMs = options.since === undefined ? undefined : readSince(options.since, world.nowMs());
  if (options.since !== undefined && sinceMs === undefined) return world.out.fail(sinceSay);
  const {
    AuditRecord: parser,
    isAuditKind,
    recordLine,
    canonicalJson,
  } = await import("@carapace/state/audit");
  if (options.event !== undefined && !isAuditKind(options.event))
    return world.out.fail(`there is no event "${options.event}": docs/audit.md lists them`);
  const opened = await openSource(options, world);
  if (!opened.ok) return world.out.fail(opened.say);
  await using source = opened.value;
  const asJson = (shown: AuditRecord) => {
    const { data, ...record } = parser.parse(shown);
    return recordLine({ ...record, data: canonicalJson(data) });
  };
  const print = (record: AuditRecord) =>
    world.out.piece(`${options.json ? asJson(record) : auditLine(record)}\n`);
  const filter = { limit: options.lines ?? 20, event: options.event, sinceMs };
  const answer = await source.tail(filter);
  if (!answer.ok) return world.out.fail(answer.say);
  for (const record of answer.value.records) print(record);
  if (!options.follow) return 0;
  return await follow({ source, print, world }, { ...filter, limit: 1000 }, answer.value.headSeq);
}

interface Following {
  readonly source: AuditSource;
  readonly print: (record: AuditRecord) => void;
  readonly world: CliWorld;
}

/** Polls for new records until the reader, the gateway or the owner ends it. */
async function follow(
  { source, print, world }: Following,
  filter: AuditAsk,
  from: number,
): Promise<ExitCode> {
  let isOver = false;
  world.out.whenBroken(() => (isOver = true));
  for (let seen = from; !isOver; ) {
    await Bun.sleep(pollMs);
    const answer = await source.tail({ ...filter, afterSeq: seen });
    if (!answer.ok) return world.out.fail(answer.say);
    for (const record of answer.value.records) print(record);
    // An answer may be cut: only one that brings nothing says that all was looked at.
    seen = answer.value.records.at(-1)?.seq ?? Math.max(seen, answer.value.headSeq);
  }
  return 0;
}

/** `<time> #<seq> <actor> <event> name=value …`, on one line whatever the record holds. */
export function auditLine({ ts, seq, actor, event, data }: AuditRecord): string {
  const fields = Object.entries(data).filter(([name]) => name !== "type");
  const shown = fields.map(
    ([name, value]) =>
      ` ${name}=${typeof value === "string" && /^[^\s"=]+$/.test(value) ? value : compactJson(value)}`,
  );
  return cleanLine(`${ts} #${seq} ${actor} ${event}${shown.join("")}`);
}
