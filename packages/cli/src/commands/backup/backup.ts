import { resolve } from "node:path";
import type { BackupReport } from "@carapace/state/backup";
import { interruptible } from "../../closed-state/interruptible.ts";
import { ownConfigFiles, ownPlace } from "../../closed-state/place.ts";
import type { CommandDefinition, ExitCode, Run } from "../../command/definition.ts";
import { jsonOption } from "../../command/options.ts";
import { progressBar } from "../../output/progress.ts";
import { archivePassphrase } from "./passphrase.ts";
import { sizeText } from "./size.ts";

export const definition = {
  name: "backup",
  summary: "Write an archive of conversations, notes, schedules, usage and configuration",
  details: [
    "Works while the gateway runs: the archive holds everything as it was at one moment. Without --full it can be\n" +
      "restored by the reference too, and holds no secrets but those that stand readable in the configuration.",
    "With --full it holds everything: the database with its key, configuration, credentials, pairings, plugins. Such an\n" +
      "archive is always encrypted; cara restore makes the same gateway of it on another machine.",
    "The passphrase is asked for twice, or comes with --passphrase-stdin or in CARAPACE_BACKUP_PASSPHRASE.",
  ],
  options: {
    output: {
      kind: "text",
      short: "o",
      value: "file",
      help: "Where to write it (default: ./carapace-backup-<time>.tar.gz, encrypted .tar.gz.enc)",
    },
    force: { kind: "flag", help: "Overwrite the file if it is there" },
    encrypt: { kind: "flag", help: "Encrypt it with a passphrase" },
    full: { kind: "flag", help: "Everything, secrets included; only with --encrypt" },
    passphraseStdin: { kind: "flag", help: "Read the passphrase from standard input" },
    json: jsonOption,
  },
  examples: [
    { command: "cara backup", says: "what the reference can read, too" },
    { command: "cara backup --full --encrypt -o ~/gateway.carapace", says: "to move to another machine" },
  ],
} as const satisfies CommandDefinition;

/** cli.md §3.9. */
export async function run({ options, world }: Run<typeof definition>): Promise<ExitCode> {
  const { encrypt, full, passphraseStdin } = options;
  if (full && !encrypt) {
    return world.out.fail("a full backup holds every secret of yours: it is only made with --encrypt");
  }
  if (passphraseStdin && !encrypt) return world.out.fail("--passphrase-stdin needs --encrypt");
  const { env, out } = world;
  const ending = encrypt ? "tar.gz.enc" : "tar.gz";
  return await interruptible(world, async (signal) => {
    const { createBackup, stampOf } = await import("@carapace/state/backup");
    const output = resolve(options.output ?? `carapace-backup-${stampOf(world.nowMs())}.${ending}`);
    const passphrase = encrypt
      ? await archivePassphrase({ fromStdin: passphraseStdin, isNew: true, env, out })
      : undefined;
    if (passphrase?.ok === false) {
      return passphrase.say === undefined ? passphrase.code : out.fail(passphrase.say);
    }
    const place = await ownPlace(world);
    using bar = progressBar(env["TERM"], world.nowMs);
    bar.show("Reading the database", 0);
    const report = await createBackup({
      ...place,
      config: await ownConfigFiles(world, place),
      kind: full ? "full" : "portable",
      output,
      overwrite: options.force,
      onProgress: ({ done, total }) => bar.show("Writing the backup", total === 0 ? 0 : done / total),
      signal,
      ...(passphrase && { secret: passphrase.value }),
    });
    bar[Symbol.dispose]();
    tell(report, options, world.out);
    const { path, sections } = report;
    const { tellAudit } = await import("../audit/tell.ts");
    await tellAudit({ event: "backup_created", data: { path, sections: [...sections] } }, world);
    return 0;
  });
}

function tell(
  report: BackupReport,
  options: { encrypt: boolean; json: boolean },
  out: Run<typeof definition>["world"]["out"],
): void {
  const { path, bytes, sections, leftOut } = report;
  if (options.json) {
    out.json({ path, bytes, sections, leftOut, encrypted: options.encrypt });
    return;
  }
  out.result(`Backup:   ${path}\nSize:     ${sizeText(bytes)}\nSections: ${sections.join(", ") || "none"}`);
  for (const say of leftOut) out.note(`Not in it: ${say}`);
  if (!options.encrypt) {
    out.note(
      "It is not encrypted: whoever gets it can read your conversations. Use --encrypt to change that.",
    );
  }
}
