import { systemCode } from "@carapace/files/system-code";
import { ok, type Result, refuse } from "@carapace/protocol/failures";
import type { CommandDefinition, ExitCode, Run } from "../../command/definition.ts";
import { jsonOption, remoteOptions } from "../../command/options.ts";
import { cleanLine } from "../../output/clean.ts";
import type { CliWorld } from "../../world.ts";
import { linesOfFile } from "./lines-of-file.ts";
import { type AuditReport, offlineOption, openSource } from "./source.ts";

export const definition = {
  name: "audit verify",
  summary: "Check that nothing in the audit log was changed, removed or moved",
  details: [
    "Without a file: the log of the gateway, or of the database of this machine if none runs.",
    "With a file: what audit export wrote. That needs no key and no database; with --key a log that somebody else wrote and signed is found, too.",
    "Exits 1 if anything is found, or if there is no chain to check.",
  ],
  args: { file: { help: "An exported log", isRequired: false, isFile: true } },
  options: {
    key: { kind: "text", value: "ed25519:…", help: "With a file: the only key that may have signed" },
    offline: offlineOption,
    json: jsonOption,
    ...remoteOptions,
  },
  examples: [
    { command: "cara audit verify", says: "the log of this machine" },
    { command: "cara audit verify --offline", says: "without trusting a running gateway" },
    { command: "cara audit verify audit.jsonl", says: "an export, anywhere" },
  ],
} as const satisfies CommandDefinition;

export async function run({ options, args, world }: Run<typeof definition>): Promise<ExitCode> {
  if (options.key !== undefined && args.file === undefined)
    return world.out.fail("--key needs a file: the database knows its own key");
  const report =
    args.file === undefined ? await verifyLog(options, world) : await verifyFile(args.file, options.key);
  if (!report.ok) return world.out.fail(report.say);
  const { findings, records, unchained } = report.value;
  const hasNoChain = records === 0 && unchained > 0;
  if (options.json) world.out.json({ ok: findings.length === 0 && !hasNoChain, ...report.value });
  else world.out.result(describe(report.value));
  return findings.length === 0 && !hasNoChain ? 0 : 1;
}

async function verifyLog(
  options: Run<typeof definition>["options"],
  world: CliWorld,
): Promise<Result<AuditReport>> {
  const opened = await openSource(options, world);
  if (!opened.ok) return opened;
  await using source = opened.value;
  return await source.verify();
}

async function verifyFile(path: string, key: string | undefined): Promise<Result<AuditReport>> {
  const { maxAuditLineChars, verifyAuditLines } = await import("@carapace/state/audit");
  try {
    const { publicKeys, findings, ...report } = await verifyAuditLines(
      linesOfFile(path, maxAuditLineChars),
      key,
    );
    return ok({ ...report, publicKeys: [...publicKeys], findings: [...findings] });
  } catch (error) {
    const code = systemCode(error);
    if (code === undefined) throw error;
    return refuse("not_found", `${path} cannot be read (${code})`);
  }
}

/** More findings than this say no more to a person. */
const mostShown = 20;

/** Pure: what was read, who signed, what was found. */
export function describe({
  records,
  firstSeq,
  lastSeq,
  signedThrough,
  publicKeys,
  unchained,
  findings,
}: AuditReport): string {
  const range = firstSeq === undefined ? "" : ` (${firstSeq} to ${lastSeq})`;
  const signed = signedThrough === 0 ? "no signed head" : `signed through ${signedThrough}`;
  const rows = [records === 0 && unchained > 0 ? "no chain" : `${records} records${range}, ${signed}`];
  for (const key of publicKeys) rows.push(`Key: ${key}`);
  if (unchained > 0)
    rows.push(`${unchained} lines of another log have no chain: nobody can tell whether they were changed.`);
  for (const { say, line } of findings.slice(0, mostShown))
    rows.push(`FOUND: ${line === undefined ? "" : `line ${line}: `}${cleanLine(say)}`);
  if (findings.length > mostShown) rows.push(`And ${findings.length - mostShown} more; --json tells all.`);
  if (records === 0 && unchained === 0 && findings.length > 0)
    rows.push("There is not one record in it: it may be no audit log at all.");
  if (findings.length === 0 && records > 0) rows.push("Nothing was changed, removed or moved.");
  if (records === 0 && unchained === 0 && findings.length === 0) rows.push("The log is empty.");
  return rows.join("\n");
}
