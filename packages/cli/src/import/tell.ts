import type { OwnersWritten } from "@carapace/config/write";
import type { ImportReport } from "@carapace/state/portable";
import type { CliWorld } from "../world.ts";
import { countLines, importedCount, problemLines } from "./data-report.ts";
import type { ImportOptions } from "./options.ts";
import type { Plan } from "./plan/finish.ts";
import { fileLines, previewLines, shownValue } from "./preview.ts";
import type { ImportSource, Reading } from "./types.ts";

/** What is to be done, or was. */
export interface Outcome {
  readonly plan?: Plan;
  /** What was taken over beside the configuration, or would be. */
  readonly rehearsal?: ImportReport;
  readonly written?: OwnersWritten;
  readonly isDone: boolean;
}

interface Telling {
  readonly source: ImportSource;
  readonly reading: Reading;
  readonly options: ImportOptions;
  readonly world: CliWorld;
}

/** Says on stderr what was found, and what of it cannot be read. */
export function tellFound({ label }: ImportSource, reading: Reading, { out }: CliWorld): void {
  for (const line of fileLines(reading)) out.note(line);
  if (reading.files.length === 0 && reading.stateDir !== undefined) {
    out.note(`Found ${reading.stateDir}, without a configuration of ${label}`);
  }
  for (const warning of reading.warnings) out.note(`Warning: ${warning}`);
}

/** Shows what would be written, before it is asked for. */
export function tellPreview({ plan, rehearsal }: Omit<Outcome, "isDone">, { out }: CliWorld): void {
  const settings = plan ? previewLines(plan) : [];
  const records = rehearsal ? [...recordLines(rehearsal, false), ...problemLines(rehearsal)] : [];
  const gap = settings.length > 0 && records.length > 0 ? [""] : [];
  const lines = [...settings, ...gap, ...records];
  if (lines.length > 0) out.result(lines.join("\n"));
}

/** The table of what is kept beside the configuration, if anything is. */
function recordLines(report: ImportReport, isDone: boolean): readonly string[] {
  const isAny = Object.values(report.stores).some(({ found }) => found > 0);
  return isAny ? countLines(report, isDone) : [];
}

/** Says what was done, or would be. */
export function tellOutcome(telling: Telling, outcome: Outcome): void {
  const { options, world, reading } = telling;
  if (options.json) {
    world.out.json(jsonOf(telling, outcome));
    return;
  }
  if (!outcome.isDone) tellPreview(outcome, world);
  const done = outcome.isDone && outcome.rehearsal ? recordLines(outcome.rehearsal, true) : [];
  if (done.length > 0) world.out.result(done.join("\n"));
  for (const line of summary(outcome, reading)) world.out.note(line);
}

function summary({ plan, rehearsal, written, isDone }: Outcome, { warnings }: Reading): readonly string[] {
  const settings = plan?.mappings.length ?? 0;
  const records = rehearsal === undefined ? 0 : importedCount(rehearsal);
  if (settings === 0 && records === 0) {
    const why = warnings.length > 0 ? " What is wrong stands above." : "";
    return [`There is nothing to import.${why}`];
  }
  const counted = [
    ...(settings === 0 ? [] : [settings === 1 ? "1 setting" : `${settings} settings`]),
    ...(rehearsal === undefined || records === 0
      ? []
      : [`${records} records with ${rehearsal.messages} messages`]),
  ].join(" and ");
  if (!isDone)
    return [`This was a dry run: nothing was changed. Without --dry-run, ${counted} would be imported.`];
  return [
    `Imported ${counted}.`,
    ...(written ? [`The configuration is in ${written.path}.`] : []),
    ...(written?.backupPath ? [`The one before is kept as ${written.backupPath}.`] : []),
    "Next:",
    "  cara verify         prove that it works",
    "  cara status         see how the gateway is",
    "  cara setup --merge  choose a model and prove it; what was imported stays",
  ];
}

function jsonOf({ source, reading }: Telling, { plan, rehearsal, written, isDone }: Outcome) {
  return {
    source: source.name,
    files: reading.files.map(({ path }) => path),
    warnings: reading.warnings,
    dryRun: !isDone,
    mappings: (plan?.mappings ?? []).map((mapping) => ({
      source: mapping.source,
      key: mapping.key,
      value: shownValue(mapping),
    })),
    skipped: plan?.skips ?? [],
    ...(rehearsal && { data: rehearsal }),
    written: written?.path ?? null,
    ...(written?.backupPath && { backup: written.backupPath }),
  };
}
