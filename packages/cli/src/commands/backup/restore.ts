import { resolve } from "node:path";
import type { ArchiveFacts, BackupArchive, RestoreReport } from "@carapace/state/backup";
import { guarded } from "../../closed-state/guard.ts";
import { interruptible, unfinishedSay } from "../../closed-state/interruptible.ts";
import { ownPlace, type Place } from "../../closed-state/place.ts";
import type { CommandDefinition, ExitCode, Run } from "../../command/definition.ts";
import { forceOption, jsonOption, yesOption } from "../../command/options.ts";
import type { Output } from "../../output/output.ts";
import { progressBar } from "../../output/progress.ts";
import { confirm } from "../../prompt/confirm.ts";
import { archivePassphrase } from "./passphrase.ts";
import { sizeText } from "./size.ts";

export const definition = {
  name: "restore",
  summary: "Bring back what a backup holds, of this program or of the reference",
  details: [
    "The archive is checked whole, unpacked and taken into a copy of what is here; then the copy takes its place at\n" +
      "once. A plain archive replaces the conversations, notes and schedules it has, all others stay; one made with --full\n" +
      "replaces everything. What was there before is kept in before-restore/ of the state directory.",
    "Stop the gateway first. --drill needs no stop: it tries the archive in a folder of its own and changes nothing.",
  ],
  args: { archive: { help: "What cara backup wrote", isRequired: true, isFile: true } },
  options: {
    yes: yesOption,
    force: forceOption,
    drill: {
      kind: "flag",
      help: "Only try it: restore into a scratch folder, start a gateway there, report",
    },
    noKeep: { kind: "flag", help: "Do not keep what is replaced" },
    passphraseStdin: { kind: "flag", help: "Read the passphrase from standard input" },
    json: jsonOption,
  },
  examples: [
    {
      command: "cara restore carapace-backup-20261122T163000Z.tar.gz",
      says: "asks before it changes anything",
    },
    { command: "cara restore --drill gateway.carapace", says: "will it work when it is needed?" },
  ],
} as const satisfies CommandDefinition;

type Given = Run<typeof definition>;

/** cli.md §3.9. */
export async function run({ options, args, world }: Given): Promise<ExitCode> {
  const { env, out } = world;
  return await interruptible(world, async (signal) => {
    const { openArchiveFile, readArchive, scanArchive } = await import("@carapace/state/backup");
    const archivePath = resolve(args.archive);
    using file = openArchiveFile(archivePath);
    const place = await ownPlace(world);
    // Nobody types a passphrase and waits for a check to be told then that a gateway runs.
    const lock = options.drill ? undefined : await guarded(place);
    if (lock?.ok === false) return out.fail(lock.say);
    await using _held = lock?.value;
    let refused: { readonly code: ExitCode; readonly say?: string } | undefined;
    const ask = async (): Promise<string | undefined> => {
      const given = await archivePassphrase({ fromStdin: options.passphraseStdin, isNew: false, env, out });
      if (given.ok) return given.value;
      refused = given;
      return undefined;
    };
    let archive: BackupArchive;
    try {
      archive = await readArchive(file, { passphrase: ask, signal });
    } catch (error) {
      if (refused === undefined) throw error;
      return refused.say === undefined ? refused.code : out.fail(refused.say);
    }
    using bar = progressBar(env["TERM"], world.nowMs);
    const shown = (say: string) => (bytes: number) => bar.show(say, bytes / Math.max(1, archive.packedBytes));
    const facts = await scanArchive(archive, shown("Checking the archive"));
    bar[Symbol.dispose]();
    const given = {
      archive,
      archivePath,
      facts,
      signal,
      onRead: shown("Unpacking"),
      onPhase: (say: string) => bar.show(say),
    };
    if (options.drill) {
      const { drill } = await import("./drill.ts");
      return await drill({ ...given, world, json: options.json, bar });
    }
    return await restore({ options, args, world }, { ...given, place }, bar);
  });
}

/** An archive that was checked whole. */
export interface CheckedArchive {
  readonly archive: BackupArchive;
  readonly archivePath: string;
  readonly facts: ArchiveFacts;
  readonly signal: AbortSignal;
  readonly onRead: (bytes: number) => void;
  readonly onPhase: (say: string) => void;
}

interface ToRestore extends CheckedArchive {
  /** Nobody else works on it. */
  readonly place: Place;
}

async function restore(
  { options, world }: Given,
  { place, ...given }: ToRestore,
  bar: Disposable,
): Promise<ExitCode> {
  const { out } = world;
  if (!options.json) out.note(factLines(given.facts).join("\n"));
  if (!options.yes && !options.force) {
    const answer = options.passphraseStdin
      ? "nobody"
      : await confirm(question(given.facts, place.dir), given.signal);
    if (answer === "nobody")
      return out.fail("nothing was changed; to restore without being asked, use --yes");
    if (answer === "no") {
      out.note("Nothing was changed.");
      return 1;
    }
  }
  const [{ restoreBackup }, { sidecarSecrets }] = await Promise.all([
    import("@carapace/state/backup"),
    import("../../closed-state/sidecar-secrets.ts"),
  ]);
  const report = await restoreBackup({
    ...place,
    ...given,
    keep: !options.noKeep,
    hmacSecrets: sidecarSecrets(world, place),
  });
  bar[Symbol.dispose]();
  tell(report, options.json, out);
  if (report.unfinished !== undefined) return out.fail(unfinishedSay("restore", report.unfinished));
  await checkConfig(world, out);
  return 0;
}

function question({ kind }: ArchiveFacts, dir: string): string {
  return kind === "full" ? `Replace everything in ${dir}?` : `Restore into ${dir}?`;
}

/** What an archive holds, for a person. */
function factLines(facts: ArchiveFacts): string[] {
  const { kind, created, sections, files, bytes, isEncrypted } = facts;
  const what = kind === "full" ? "everything of a gateway" : `sections ${sections.join(", ") || "none"}`;
  return [
    `Archive:  ${what}`,
    `Made:     ${created}${isEncrypted ? ", encrypted" : ""}`,
    `Holds:    ${files} files, ${sizeText(bytes)} unpacked`,
  ];
}

function tell(report: RestoreReport, json: boolean, out: Output): void {
  const { sections, sessions, messages, kept, problems, unfinished } = report;
  if (json) {
    out.json({
      sections,
      sessions,
      messages,
      kept: kept ?? null,
      problems,
      finished: unfinished === undefined,
    });
    return;
  }
  for (const say of problems) out.note(`Note: ${say}`);
  if (unfinished !== undefined) return;
  out.result(`Restored: ${sections.join(", ")}\nSessions: ${sessions}`);
  if (kept !== undefined) out.note(`What was replaced is kept in ${kept}`);
}

/** What was restored may name variables this machine does not have. */
async function checkConfig({ env }: Given["world"], out: Output): Promise<void> {
  const { describeIssue, errorsOf, loadConfig } = await import("@carapace/config");
  const loaded = await loadConfig({ env });
  if (!loaded.ok) out.note(`Warning: the configuration does not load here: ${loaded.say}`);
  else for (const issue of errorsOf(loaded.value.issues)) out.note(`Warning: ${describeIssue(issue)}`);
}
