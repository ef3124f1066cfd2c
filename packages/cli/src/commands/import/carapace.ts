import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { State } from "@carapace/state";
import type { ImportProgress, ImportReport, PortableItem } from "@carapace/state/portable";
import { guarded } from "../../closed-state/guard.ts";
import { interruptible } from "../../closed-state/interruptible.ts";
import { ownPlace, type Place } from "../../closed-state/place.ts";
import { sidecarSecrets } from "../../closed-state/sidecar-secrets.ts";
import type { CommandDefinition, ExitCode, Run } from "../../command/definition.ts";
import { jsonOption, yesOption } from "../../command/options.ts";
import { countLines, importedCount, lockedCount, problemLines } from "../../import/data-report.ts";
import { type ProgressBar, progressBar } from "../../output/progress.ts";
import { confirm } from "../../prompt/confirm.ts";
import type { CliWorld } from "../../world.ts";
import { findSource, lockSource, type ReferenceSource } from "./source.ts";

export const definition = {
  name: "import carapace",
  summary: "Take over conversations, notes, schedules and pairings of the Rust Carapace",
  details: [
    "Reads its state directory and writes into this program's database. First it shows what would be imported and asks.\n" +
      "The directory is never changed; it may be this program's own, where the files lie beside the database.\n" +
      "Running it again adds nothing twice, and goes on where an earlier run was stopped.",
    "Encrypted conversations need the password they were written with: CARAPACE_CONFIG_PASSWORD, or it is asked for.\n" +
      "Stop both gateways first.",
  ],
  args: {
    dir: { help: "Its state directory (default: this program's own)", isRequired: false, isFile: true },
  },
  options: {
    dryRun: { kind: "flag", help: "Only show what would be imported" },
    yes: yesOption,
    json: jsonOption,
  },
  examples: [
    { command: "cara import carapace --dry-run", says: "what is there?" },
    { command: "cara import carapace /mnt/old/.config/carapace", says: "from another disk" },
  ],
} as const satisfies CommandDefinition;

type Given = Run<typeof definition>;

/** state.md §16. */
export async function run({ options, args, world }: Given): Promise<ExitCode> {
  return await interruptible(world, async (signal) => {
    const place = await ownPlace(world);
    const found = await findSource(args.dir, place, world);
    if (!found.ok) return world.out.fail(found.say);
    const source = found.value;
    const lock = await guarded(place);
    if (!lock.ok) return world.out.fail(lock.say);
    await using _held = lock.value;
    const other = await lockSource(source);
    if (!other.ok) return world.out.fail(other.say);
    using _other = other.value;
    using bar = progressBar(world.env["TERM"], world.nowMs);
    const work = { source, place, world, signal, bar, password: place.password };
    return await importAll(work, options);
  });
}

interface Work {
  readonly source: ReferenceSource;
  readonly place: Place;
  readonly world: CliWorld;
  readonly password: string | undefined;
  readonly signal: AbortSignal;
  readonly bar: ProgressBar;
}

async function importAll(given: Work, options: Given["options"]): Promise<ExitCode> {
  const { source, world, bar, place } = given;
  const secretsOf = sidecarSecrets(world, place);
  // Those of a foreign directory's configuration are its maker's: they check a file, they prove nothing.
  const hmacSecrets = { own: await secretsOf(undefined), all: await secretsOf(source.configPath) };
  const first = await rehearsed(given, hmacSecrets);
  bar[Symbol.dispose]();
  const password = lockedCount(first) === 0 ? undefined : await askPassword(given);
  if (password === 130) return 130;
  const work = password === undefined ? given : { ...given, password };
  const plan = password === undefined ? first : await rehearsed(work, hmacSecrets);
  bar[Symbol.dispose]();
  return await decide(work, options, { plan, hmacSecrets });
}

/** What sidecars may be keyed with: what this program's own owner set, and what stands anywhere. */
interface Secrets {
  readonly own: readonly string[];
  readonly all: readonly string[];
}

interface Plan {
  readonly plan: ImportReport;
  readonly hmacSecrets: Secrets;
}

async function decide(work: Work, options: Given["options"], { plan, hmacSecrets }: Plan): Promise<ExitCode> {
  const { source, world, bar } = work;
  const { out } = world;
  if (options.dryRun) return tell(work, plan, { json: options.json, isDone: false });
  if (!options.json) {
    out.note(`From ${source.dir}`);
    for (const line of [...countLines(plan, false), ...problemLines(plan)]) out.note(line);
  }
  if (importedCount(plan) > 0 && !options.yes) {
    const answer = await confirm(`Import into ${work.place.dir}?`, work.signal);
    if (answer === "nobody") return out.fail("nothing was changed; to import without being asked, use --yes");
    if (answer === "no") {
      out.note("Nothing was changed.");
      return 1;
    }
  }
  try {
    const report = await imported(work, hmacSecrets);
    bar[Symbol.dispose]();
    return tell(work, report, { json: options.json, isDone: true });
  } catch (error) {
    const isStopped = work.signal.aborted;
    out.note(`${isStopped ? "Stopped. " : ""}${resumes}`);
    if (!isStopped) throw error;
    return 130;
  }
}

/** Each conversation is taken over whole, in a transaction of its own. */
const resumes = "What was imported so far stays; the same command goes on from there.";

/** What would come of it; without a database of ours, of an empty one that is thrown away. */
async function rehearsed(work: Work, hmacSecrets: Secrets): Promise<ImportReport> {
  if (existsSync(join(work.place.dir, "state.db"))) {
    await using state = await openOwn(work);
    return await take(work, state, { hmacSecrets, dryRun: true });
  }
  const { openState } = await import("@carapace/state");
  const dir = mkdtempSync(join(tmpdir(), "carapace-import-"));
  try {
    const keys = { load: async () => undefined, create: async () => {} };
    await using state = await openState({ dir, keys, newId: work.world.newId });
    return await take(work, state, { hmacSecrets, dryRun: true });
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

async function imported(work: Work, hmacSecrets: Secrets): Promise<ImportReport> {
  await using state = await openOwn(work);
  const report = await take(work, state, { hmacSecrets, dryRun: false });
  const sections = Object.entries(report.stores).filter(([, counts]) => counts.imported > 0);
  if (sections.length > 0) {
    const data = { source: work.source.dir, sections: sections.map(([name]) => name) };
    await state.audit.append({ actor: "cli", event: "state_imported", data });
  }
  await takeSignIns(work);
  return report;
}

/** In this program's own directory they are used where they are. */
async function takeSignIns({ source, world }: Work): Promise<void> {
  if (source.isInPlace) return;
  const { adoptProfiles } = await import("@carapace/accounts");
  const taken = await adoptProfiles(world.env, source.dir);
  if (!taken.ok) world.out.note(`Its sign-ins at model providers stay behind: ${taken.say}`);
  else if (taken.value > 0)
    world.out.note(
      `Sign-ins at model providers: ${taken.value}; they open with the CARAPACE_CONFIG_PASSWORD they were stored with.`,
    );
}

async function openOwn({ place, password }: Work): Promise<State> {
  const [{ openState }, { createRedactor }] = await Promise.all([
    import("@carapace/state"),
    import("@carapace/config/redaction"),
  ]);
  const { dir, keys, newId, nowMs } = place;
  return await openState({
    dir,
    keys,
    newId,
    nowMs,
    redact: createRedactor(password === undefined ? [] : [password]),
  });
}

async function take(
  { source, place, password, signal, bar }: Work,
  state: State,
  { hmacSecrets, dryRun }: { readonly hmacSecrets: Secrets; readonly dryRun: boolean },
): Promise<ImportReport> {
  const { readPortable } = await import("@carapace/state/portable");
  const total = await countEntries(source);
  const reading = {
    hmacSecrets: hmacSecrets.all,
    ownHmacSecrets: hmacSecrets.own,
    signal,
    ...(password === undefined ? {} : { password }),
  };
  let done = 0;
  const counted = async function* (): AsyncGenerator<PortableItem> {
    for await (const item of readPortable(source.files, reading)) {
      done += 1;
      yield item;
    }
  };
  const onProgress = ({ messages }: ImportProgress) =>
    bar.show(`${dryRun ? "Reading" : "Importing"}: ${messages} messages`, done / Math.max(1, total));
  const options = {
    mode: "add",
    source: source.dir,
    nowMs: place.nowMs,
    dryRun,
    onProgress,
    signal,
  } as const;
  return await state.portable.import(counted(), options);
}

async function countEntries({ files }: ReferenceSource): Promise<number> {
  let count = 0;
  for await (const { path } of files.entries()) if (!/\.(hmac|jsonl|lock|tmp)$/.test(path)) count += 1;
  return count;
}

/** Asks for the password of what is locked. @returns undefined if it stays locked, or the exit code after Ctrl-C */
async function askPassword({ source, world: { out } }: Work): Promise<string | undefined | 130> {
  if (!process.stdin.isTTY) return undefined;
  const { askSecret } = await import("../../prompt/secret-input.ts");
  const typed = await askSecret(
    `Password of the encrypted conversations in ${source.dir} (none: leave them): `,
  );
  if (!typed.ok) return typed.code === 130 ? 130 : undefined;
  out.hide([typed.value]);
  return typed.value;
}

function tell(
  { source, world: { out } }: Work,
  report: ImportReport,
  { json, isDone }: { readonly json: boolean; readonly isDone: boolean },
): ExitCode {
  if (json) {
    out.json({ source: source.dir, dryRun: !isDone, ...report });
    return 0;
  }
  out.result([...countLines(report, isDone), ...problemLines(report)].join("\n"));
  out.note(summary(source, report, isDone));
  return 0;
}

/** Pure. What was done, and what is left to do. */
function summary(source: ReferenceSource, report: ImportReport, isDone: boolean): string {
  const count = importedCount(report);
  const done = isDone
    ? `${count} records with ${report.messages} messages were imported. The files in ${source.dir} are as they were.`
    : `This was a dry run: nothing was changed. Without --dry-run, ${count} records would be imported.`;
  const nothing = `There is nothing new to import in ${source.dir}.`;
  const config =
    source.configPath === undefined || source.isInPlace
      ? []
      : [`Its configuration is not copied: put ${source.configPath} where cara config path says.`];
  const unlock =
    lockedCount(report) === 0
      ? []
      : ["Run it again with the right CARAPACE_CONFIG_PASSWORD for what is locked."];
  return [count === 0 ? nothing : done, ...unlock, ...config].join("\n");
}
