import type { RekeyProgress, RekeyReport } from "@carapace/state/rekey";
import { unfinishedSay } from "../../closed-state/interruptible.ts";
import type { CommandDefinition, ExitCode, Run } from "../../command/definition.ts";
import { jsonOption } from "../../command/options.ts";
import type { CliWorld } from "../../world.ts";
import { writeContext, writeRefusal } from "../config/writing.ts";

export const definition = {
  name: "state rekey",
  summary: "Give the stored data a new key, and move it to the best place there is",
  details: [
    "The database is encrypted anew and checked before it takes the old one's place, together with its key and with what\n" +
      "is sealed in the configuration and in login profiles; an interruption leaves the old or the new, and it can be\n" +
      "run again. It needs as much free space as the database takes. Stop the gateway first. Copies made before open only\n" +
      "with the old key: make a new backup afterwards.",
    "The password in use comes from CARAPACE_CONFIG_PASSWORD. With --new-password the new one comes from a prompt that\n" +
      "does not show it, or from the first line of standard input where that is no terminal.",
  ],
  options: {
    newPassword: { kind: "flag", help: "Change the configuration's password too" },
    json: jsonOption,
  },
  examples: [
    { command: "cara state rekey", says: "a new key" },
    { command: "cara state rekey --new-password", says: "a new key and a new password" },
    { command: "cara state rekey --new-password < new-password", says: "in a script" },
  ],
} as const satisfies CommandDefinition;

/** cli.md §2.7. */
export async function run({ options, world }: Run<typeof definition>): Promise<ExitCode> {
  const { newSecret } = await import("../../prompt/secret-input.ts");
  const asked = options.newPassword ? await newSecret("configuration password") : undefined;
  if (asked?.ok === false) return asked.say === undefined ? asked.code : world.out.fail(asked.say);
  const { StateError } = await import("@carapace/state");
  try {
    return await rekey(world, { newPassword: asked?.value, isJson: options.json });
  } catch (error) {
    if (error instanceof StateError) return world.out.fail(error.message);
    throw error;
  }
}

interface Asked {
  readonly newPassword: string | undefined;
  readonly isJson: boolean;
}

async function rekey(world: CliWorld, { newPassword, isJson }: Asked): Promise<ExitCode> {
  if (newPassword !== undefined) world.out.hide([newPassword]);
  const [{ ownPlace }, { guarded }, { progressBar }, { rekeyState }, { lockConfig, resealedText }] =
    await Promise.all([
      import("../../closed-state/place.ts"),
      import("../../closed-state/guard.ts"),
      import("../../output/progress.ts"),
      import("@carapace/state/rekey"),
      import("@carapace/config/seal"),
    ]);
  const place = await ownPlace(world);
  const { dir, configPath, keys, password, nowMs } = place;
  const lock = await guarded(place);
  if (!lock.ok) return world.out.fail(lock.say);
  await using _guard = lock.value;
  const configLock = await lockConfig(configPath);
  if (!configLock.ok) return world.out.fail(configLock.say);
  using _configLock = configLock.value;
  const next = newPassword ?? password;
  const config =
    next === undefined ? undefined : await resealedText(writeContext(world.env, "state rekey"), next);
  if (config?.ok === false) return world.out.fail(writeRefusal(config));
  const { path, text, count = 0 } = config?.value ?? {};
  const { resealedProfiles } = await import("@carapace/accounts");
  const signIns = next === undefined ? undefined : await resealedProfiles(world.env, next);
  if (signIns?.ok === false) return world.out.fail(signIns.say);
  using profiles = signIns?.value;
  const { bytes, name } = profiles ?? {};
  using bar = progressBar(world.env["TERM"], nowMs);
  const report = await rekeyState({
    ...{ dir, keys, nowMs },
    passwords: next === undefined ? undefined : { old: password, next },
    ...(path !== undefined &&
      text !== undefined &&
      count > 0 && { file: { path, bytes: Buffer.from(text) } }),
    ...(bytes !== undefined && name !== undefined && { profiles: { name, bytes } }),
    onProgress: (progress) => bar.show(says[progress.phase], shareOf(progress)),
  });
  bar[Symbol.dispose]();
  const profileValues = report.profileValues + (profiles?.count ?? 0);
  return tell(
    world,
    { ...report, profileValues },
    { dir, isJson, count, isNewPassword: newPassword !== undefined },
  );
}

const says: Readonly<Record<RekeyProgress["phase"], string>> = {
  copy: "Copying",
  check: "Checking",
  encrypt: "Encrypting",
  seal: "Sealing",
  "check again": "Checking again",
  swap: "Finishing",
};

const starts: Readonly<Record<RekeyProgress["phase"], number>> = {
  copy: 0,
  check: 0.05,
  encrypt: 0.35,
  seal: 0.4,
  "check again": 0.7,
  swap: 0.98,
};

function shareOf({ phase, done, total }: RekeyProgress): number {
  const span = phase === "seal" ? starts["check again"] - starts.seal : 0;
  return starts[phase] + (total === 0 ? 0 : (span * done) / total);
}

const places: Readonly<Record<RekeyReport["place"], string>> = {
  "credential-store": "kept in the credential store of this system",
  password: "sealed with your password in state.key",
  file: "kept in state.key",
};

interface Facts {
  readonly dir: string;
  readonly isJson: boolean;
  /** How many values of the configuration were sealed anew. */
  readonly count: number;
  readonly isNewPassword: boolean;
}

async function tell(world: CliWorld, report: RekeyReport, facts: Facts): Promise<ExitCode> {
  const { out } = world;
  const { place, profileValues, damage, unfinished } = report;
  const { keyLocation } = await import("@carapace/state/key-location");
  const { say: warning } = keyLocation(facts.dir);
  const damaged = damage.map(({ say }) => say);
  if (facts.isJson) {
    const finished = unfinished === undefined;
    out.json({ place, configValues: facts.count, profileValues, damage: damaged, finished, warning });
  } else {
    out.result(`The stored data has a new key, ${places[place]}.`);
    if (facts.count + profileValues > 0) {
      out.result(`Sealed anew: ${facts.count} in the configuration, ${profileValues} in login profiles.`);
    }
  }
  if (warning !== undefined && !facts.isJson) out.note(`Warning: ${warning}`);
  for (const line of damaged) out.note(`Damaged before, and still: ${line}`);
  if (facts.isNewPassword) {
    out.note("Set CARAPACE_CONFIG_PASSWORD to the new password before you start the gateway again.");
  }
  return unfinished === undefined ? 0 : out.fail(unfinishedSay("rotation", unfinished));
}
