import type { ImportCounts, ImportReport, PortableProblem, PortableStore } from "@carapace/state/portable";
import { cleanLine } from "../output/clean.ts";
import { tableLines } from "../output/table.ts";

const labels: Readonly<Record<PortableStore, string>> = {
  sessions: "Sessions",
  archives: "Archives",
  memory: "Notes",
  cron: "Schedules",
  tasks: "Tasks",
  usage: "Usage sums",
  approvals: "Command rules",
  devices: "Devices, tokens",
  nodes: "Nodes, tokens",
  gateways: "Other gateways",
  profiles: "Logins",
  audit: "Audit lines",
  installation: "Installation id",
  other: "Other files",
};

const columns = ["found", "imported", "unchanged", "skipped", "locked", "corrupt"] as const;
const maxProblems = 40;

/** Pure. What there is of each store, and what becomes of it. @param isDone Whether it was imported, or is to be */
export function countLines(report: ImportReport, isDone: boolean): string[] {
  const head = [
    "",
    "found",
    isDone ? "imported" : "to import",
    "there already",
    "skipped",
    "locked",
    "unreadable",
  ];
  const stores = Object.entries(labels) as [PortableStore, string][];
  const rows = stores
    .map(([store, label]) => [label, report.stores[store]] as const)
    .filter(([, counts]) => counts.found > 0)
    .map(([label, counts]) => [
      label,
      ...columns.map((name, at) => numberText(counts[name]).padStart(head[at + 1]?.length ?? 0)),
    ]);
  return tableLines(head, rows);
}

function numberText(count: number): string {
  return count === 0 ? "-" : String(count);
}

/** Pure. What is not taken in, or not as it stands, one line each. */
export function problemLines({ problems, problemsLeftOut }: ImportReport): string[] {
  const told = problems.slice(0, maxProblems).map(sentence);
  const left = problems.length - told.length + problemsLeftOut;
  return left === 0 ? told : [...told, `… and ${left} more; --json tells the first 1,000.`];
}

function sentence({ path, line, state, say }: PortableProblem): string {
  const place = line === undefined ? path : `${path}, line ${line}`;
  return cleanLine(`${state === "note" ? "" : `${state}: `}${place}: ${say}`);
}

/** How many records would be, or were, taken in. */
export function importedCount({ stores }: ImportReport): number {
  return Object.values(stores).reduce((sum, { imported }: ImportCounts) => sum + imported, 0);
}

/** How many are locked. */
export function lockedCount({ stores }: ImportReport): number {
  return Object.values(stores).reduce((sum, { locked }: ImportCounts) => sum + locked, 0);
}
