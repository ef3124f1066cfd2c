import type { Output } from "../output/output.ts";
import type { SetupReport } from "./report.ts";

/** Pure. The summary of cli.md §3.10, step 12: what was set up, and what is known of it. */
export function summaryLines(report: Omit<SetupReport, "snapshot">): readonly string[] {
  const { path, backupPath, provider, authMode, model, profile, status, checks } = report;
  const remedy = checks.find((check) => check.status === "fail")?.remediation;
  return [
    `Configuration: ${path}`,
    ...(backupPath === undefined ? [] : [`Old configuration: ${backupPath}`]),
    `Provider: ${provider} (${model})`,
    `Auth mode: ${authMode}`,
    ...(profile === undefined ? [] : [`Profile: ${nameOf(profile)}`]),
    `Status: ${status}`,
    ...checks.flatMap(({ status: found, name, detail, remediation }) => [
      `[${found.toUpperCase()}] ${name}: ${detail}`,
      ...(remediation === undefined || found === "pass" ? [] : [`  next step: ${remediation}`]),
    ]),
    ...(status === "invalid" && remedy !== undefined ? [`Do first: ${remedy}`] : []),
  ];
}

function nameOf({ id, name, email }: NonNullable<SetupReport["profile"]>): string {
  return `${name ?? id}${email === undefined ? "" : ` (${email})`}`;
}

/** Pure. The three commands that come next, in a column each. */
export function nextLines({ next }: Pick<SetupReport, "next">): readonly string[] {
  const width = Math.max(...next.map(({ command }) => command.length));
  return ["Next:", ...next.map(({ command, says }) => `  ${command.padEnd(width)}  ${says}`)];
}

/** What a program is told: everything but secrets. */
export function reportJson({ snapshot, ...report }: SetupReport): Readonly<Record<string, unknown>> {
  return { ...report, bind: snapshot.config.gateway.bind };
}

/** Warnings to stderr, the summary to stdout. */
export function tellSummary(report: SetupReport, out: Output): void {
  for (const warning of report.warnings) out.note(`Warning: ${warning}`);
  for (const line of summaryLines(report)) out.result(line);
}
