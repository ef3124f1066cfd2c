import { existsSync } from "node:fs";
import { homedir } from "node:os";
import { join } from "node:path";
import type { OwnersWritten } from "@carapace/config/write";
import { ok, type Result } from "@carapace/protocol/failures";
import type { ImportReport } from "@carapace/state/portable";
import { guarded } from "../closed-state/guard.ts";
import { interruptible } from "../closed-state/interruptible.ts";
import { ownPlace, type Place } from "../closed-state/place.ts";
import type { ExitCode } from "../command/definition.ts";
import { tellAudit } from "../commands/audit/tell.ts";
import { noteWarnings, writeRefusal } from "../commands/config/writing.ts";
import { type ProgressBar, progressBar } from "../output/progress.ts";
import type { CliWorld } from "../world.ts";
import { confirmImport } from "./confirm.ts";
import type { DataImport } from "./data.ts";
import { importedCount } from "./data-report.ts";
import type { ImportOptions } from "./options.ts";
import type { Plan } from "./plan/finish.ts";
import { type Aim, aimOf, planFor, writePlan } from "./target.ts";
import { tellFound, tellOutcome, tellPreview } from "./tell.ts";
import type { ImportSource, Reading } from "./types.ts";

/** What a command hands over. */
export interface ImportAsk {
  readonly source: ImportSource;
  readonly options: ImportOptions;
  readonly world: CliWorld;
  /** Takes over what the source kept beside its configuration. */
  readonly data?: DataImport;
}

interface Work extends ImportAsk {
  readonly reading: Reading;
  readonly place: Place;
  readonly aim: Aim;
  readonly signal: AbortSignal;
  readonly bar: ProgressBar;
}

/** What is to be done. */
interface Intent {
  /** Absent if the configuration is left as it is. */
  readonly plan?: Plan;
  /** Absent if nothing is kept beside the configuration, or it is left. */
  readonly rehearsal?: ImportReport;
}

/** cli.md §3.11. Finds, reads, shows and asks; then writes a configuration, and what the source kept beside it. */
export async function runImport(ask: ImportAsk): Promise<ExitCode> {
  const { source, options, world } = ask;
  const { env, out } = world;
  if (options.force && options.merge) {
    return out.fail("--force replaces the configuration and --merge adds to it: use one of them");
  }
  const home = env["HOME"] || env["USERPROFILE"] || homedir();
  const reading = source.read({ env, home, cwd: process.cwd() });
  out.hide(secretsOf(reading));
  if (reading.files.length === 0 && reading.stateDir === undefined) {
    const places = reading.checked.map((path) => `\n  ${path}`).join("");
    return out.fail(`nothing of ${source.label} was found. These places were looked at:${places}`);
  }
  tellFound(source, reading, world);
  return await interruptible(world, async (signal) => {
    const place = await ownPlace(world);
    const aim = aimOf(options, place, reading);
    if (!aim.ok && !options.dryRun) return out.fail(aim.say);
    // A look costs nothing; what has to be decided before the import is said.
    if (!aim.ok) out.note(`Note: ${aim.say}`);
    using bar = progressBar(env["TERM"], world.nowMs);
    const work = { ...ask, reading, place, aim: aim.ok ? aim.value : "create", signal, bar } as const;
    return needsGuard(work) ? await decideGuarded(work) : (await decide(work)).code;
  });
}

/** A dry run makes nothing, not even the directory of the guard; but a database that is there must not be at work. */
function needsGuard(work: Work): boolean {
  return !work.options.dryRun || (hasData(work) && existsSync(join(work.place.dir, "state.db")));
}

function hasData({ data, reading, options }: Work): boolean {
  return data !== undefined && reading.stateDir !== undefined && options.only !== "config";
}

function secretsOf({ mappings }: Pick<Reading, "mappings">): string[] {
  return mappings.flatMap(({ value, isSecret }) => (isSecret ? [String(value)] : []));
}

/** A gateway that runs is never disturbed; the guard is let go before the audit log is written. */
async function decideGuarded(work: Work): Promise<ExitCode> {
  const lock = await guarded(work.place);
  if (!lock.ok) return work.world.out.fail(lock.say);
  await using guard = lock.value;
  const { code, written } = await decide(work);
  await guard[Symbol.asyncDispose]();
  if (written !== undefined) await tellImported(written, work);
  return code;
}

async function tellImported({ mappings }: Plan, { source, world }: Work): Promise<void> {
  const key_path = mappings.map(({ key }) => key).join(", ");
  const data = { key_path, actor: "cli", method: `cara import ${source.name}` };
  await tellAudit({ event: "config_changed", data }, world);
}

interface Decided {
  readonly code: ExitCode;
  /** What is in the configuration now. */
  readonly written?: Plan;
}

async function decide(work: Work): Promise<Decided> {
  const { source, options, world, signal } = work;
  const intent = await intentOf(work);
  if (!intent.ok) return { code: world.out.fail(intent.say) };
  if (options.dryRun || isNothing(intent.value)) {
    tellOutcome(work, { ...intent.value, isDone: false });
    return { code: 0 };
  }
  if (!options.json) tellPreview(intent.value, world);
  const answer = options.yes ? "yes" : await confirmImport(`Import this from ${source.label}?`, signal);
  if (answer === "closed") {
    const say = "nobody answered, and nothing was changed; to import without being asked, use --yes";
    return { code: world.out.fail(say) };
  }
  if (answer === "yes") return await carryOut(work, intent.value);
  world.out.note("Nothing was changed.");
  return { code: 0 };
}

async function carryOut(work: Work, { plan, rehearsal }: Intent): Promise<Decided> {
  const { world } = work;
  const stored = await writeConfig(work, plan);
  if (!stored.ok) return { code: world.out.fail(`${writeRefusal(stored)}\nNothing was imported.`) };
  const written = stored.value;
  if (written) await noteWarnings(written.snapshot, world.out);
  const done = { ...(written && plan && { written: plan }) };
  const report = rehearsal === undefined ? undefined : await takenOver(work, written);
  if (report === "stopped") return { code: 130, ...done };
  if (report && !report.ok) return { code: world.out.fail(report.say), ...done };
  tellOutcome(work, {
    ...(plan && { plan }),
    ...(report && { rehearsal: report.value }),
    ...(written && { written }),
    isDone: true,
  });
  return { code: 0, ...done };
}

/** What was done before something went wrong stays, and is told. @returns `stopped` after Ctrl-C */
async function takenOver(
  work: Work,
  written: OwnersWritten | undefined,
): Promise<Result<ImportReport> | "stopped"> {
  const { world, signal } = work;
  const stays =
    written === undefined
      ? "What was imported so far stays; the same command goes on from there."
      : `The configuration is imported, into ${written.path}. For the rest, try again with --only data.`;
  try {
    const report = await takeOver(work, false);
    if (!report.ok) world.out.note(stays);
    return report;
  } catch (error) {
    world.out.note(`${signal.aborted ? "Stopped. " : ""}${stays}`);
    if (!signal.aborted) throw error;
    return "stopped";
  }
}

async function intentOf(work: Work): Promise<Result<Intent>> {
  const { aim, reading, world, place } = work;
  const { env } = world;
  const plan = aim === "leave" ? undefined : await planFor(reading, aim, { env, random: place.random });
  if (plan && !plan.ok) return plan;
  if (plan) world.out.hide(secretsOf(plan.value));
  const rehearsal = hasData(work) ? await takeOver(work, true) : undefined;
  if (rehearsal && !rehearsal.ok) return rehearsal;
  return ok({ ...(plan && { plan: plan.value }), ...(rehearsal && { rehearsal: rehearsal.value }) });
}

function isNothing({ plan, rehearsal }: Intent): boolean {
  return (plan?.mappings.length ?? 0) === 0 && (rehearsal === undefined || importedCount(rehearsal) === 0);
}

async function writeConfig(
  { aim, world }: Work,
  plan: Plan | undefined,
): Promise<Result<OwnersWritten | undefined>> {
  if (aim === "leave" || plan === undefined || plan.mappings.length === 0) return ok(undefined);
  return await writePlan(plan, aim, world);
}

/** @param dryRun Reads and judges everything, writes nothing */
async function takeOver(work: Work, dryRun: boolean): Promise<Result<ImportReport>> {
  const { data, reading, place, world, signal, bar } = work;
  const { stateDir } = reading;
  if (data === undefined || stateDir === undefined) throw new Error("there is no data to take over");
  const onProgress = ({ messages }: { messages: number }): void =>
    bar.show(`${dryRun ? "Reading" : "Importing"}: ${messages} messages`);
  const report = await data({ sourceDir: stateDir, world, place, dryRun, signal, onProgress });
  bar[Symbol.dispose]();
  return report;
}
