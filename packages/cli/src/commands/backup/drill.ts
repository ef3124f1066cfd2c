import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { describeIssue, errorsOf, loadConfig, stateDirOf } from "@carapace/config";
import type { CredentialStore } from "@carapace/secrets";
import type { State } from "@carapace/state";
import { ownPlace, type Place } from "../../closed-state/place.ts";
import { sidecarSecrets } from "../../closed-state/sidecar-secrets.ts";
import type { ExitCode } from "../../command/definition.ts";
import type { CliWorld } from "../../world.ts";
import type { CheckedArchive } from "./restore.ts";

export interface DrillAsk extends CheckedArchive {
  readonly world: CliWorld;
  readonly json: boolean;
  readonly bar: Disposable;
}

/** What came of it. */
interface Findings {
  readonly sessions: number;
  readonly messages: number;
  readonly devices: number;
  /** What does not verify, or was not restored, in words for a person. */
  readonly problems: readonly string[];
  /** What `/health` answered. */
  readonly gateway: string;
  readonly isHealthy: boolean;
}

/**
 * Restores into a folder of its own, opens what came of it with a gateway on loopback, says what is in it, and removes
 * it. Nothing of the archive acts: runs, schedules and tasks are taken out of the copy first, and the gateway gets
 * neither the configuration nor, but for the password, this process's environment.
 */
export async function drill(ask: DrillAsk): Promise<ExitCode> {
  const { makeScratch, restoreBackup } = await import("@carapace/state/backup");
  using scratch = makeScratch(stateDirOf(ask.world.env));
  const { place, env } = await scratchPlace(ask.world, scratch.path);
  const { archive, archivePath, facts, signal, onRead, onPhase } = ask;
  const report = await restoreBackup({
    ...place,
    archive,
    archivePath,
    facts,
    signal,
    onRead,
    onPhase,
    keep: false,
    hmacSecrets: sidecarSecrets(ask.world, place),
  });
  ask.bar[Symbol.dispose]();
  const findings = await tried(ask, place, env);
  return tell(ask, { ...findings, problems: [...report.problems, ...findings.problems] });
}

/** The same kind of place in the scratch folder, its key in a file or sealed: nothing goes into the credential store. */
async function scratchPlace(world: CliWorld, folder: string) {
  const { systemStateKeys } = await import("@carapace/state");
  const dir = join(folder, "state");
  const { password } = await ownPlace(world);
  const env = {
    ...{ HOME: folder, CARAPACE_STATE_DIR: dir, CARAPACE_CREDENTIAL_STORE: "off" },
    // A restore seals the key with it, as it would for good; the gateway of the drill opens it again.
    ...(password !== undefined && { CARAPACE_CONFIG_PASSWORD: password }),
  };
  const own = await ownPlace({ ...world, env });
  const keys = systemStateKeys({ dir, env, password, nowMs: world.nowMs });
  const credentials = async () => ({ store: forgetful, accounts: [] });
  return { env, place: { ...own, keys, password, credentials, configPath: join(dir, "carapace.json") } };
}

/** Takes what an archive holds for the credential store: that a drill has none is no fault of the archive. */
const forgetful: CredentialStore = {
  kind: "none",
  isDurable: false,
  get: async () => undefined,
  set: async () => undefined,
  delete: async () => false,
};

async function tried(ask: DrillAsk, place: Place, env: Record<string, string>): Promise<Findings> {
  const { openState } = await import("@carapace/state");
  const counts = await (async () => {
    await using state = await openState({ ...place });
    const damage = await state.verify(ask.signal);
    const found = await countsOf(state);
    await silence(state, ask.world.nowMs());
    return { ...found, problems: damage.map(({ say }) => say) };
  })();
  const config = await loadConfig({ env: ask.world.env, path: place.configPath });
  const issues = config.ok
    ? errorsOf(config.value.issues).map((issue) => describeIssue(issue))
    : [config.say];
  const health = await gatewayHealth(place, env);
  return { ...counts, ...health, problems: [...counts.problems, ...issues] };
}

async function countsOf(state: State) {
  let messages = 0;
  const sessions = await state.sessions.list({});
  for (const { id } of sessions) messages += (await state.sessions.history(id, { limit: 1 }))[0]?.seq ?? 0;
  return { sessions: sessions.length, messages, devices: (await state.devices.list()).length };
}

/** Takes away whatever a gateway would go on with by itself. */
async function silence(state: State, nowMs: number): Promise<void> {
  for (const { id } of await state.runs.unfinished()) {
    await state.runs.finish(id, { status: "cancelled" }, nowMs);
  }
  for (const { id } of await state.cron.list()) await state.cron.remove(id);
  for (const queue of ["tasks", "read_receipts"] as const) {
    for (const { id } of await state.tasks.list(queue)) await state.tasks.remove(queue, id);
  }
}

async function gatewayHealth(
  { dir }: Place,
  env: Record<string, string>,
): Promise<Pick<Findings, "gateway" | "isHealthy">> {
  const configPath = join(dir, "drill-config.json");
  writeFileSync(configPath, "{}\n", { flag: "wx", mode: 0o600 });
  const { startGateway } = await import("@carapace/gateway");
  const started = await startGateway({
    env,
    stateDir: dir,
    configPath,
    port: 0,
    bind: "loopback",
    embedded: true,
  });
  if (!started.ok) return { gateway: started.say, isHealthy: false };
  const gateway = started.value;
  try {
    const answer = await fetch(`http://127.0.0.1:${gateway.port}/health`);
    const body: unknown = await answer.json();
    const status = typeof body === "object" && body !== null && "status" in body ? String(body.status) : "";
    return { gateway: `answers ${answer.status} ${status}`.trimEnd(), isHealthy: answer.ok };
  } finally {
    await gateway.close("drill");
  }
}

function tell({ json, facts, world }: DrillAsk, findings: Findings): ExitCode {
  const { out } = world;
  const code = findings.isHealthy ? 0 : 1;
  if (json) {
    const { isHealthy: healthy, ...told } = findings;
    const { sections, created, kind } = facts;
    out.json({ ...told, healthy, sections, created, kind });
    return code;
  }
  for (const say of findings.problems) out.note(`Note: ${say}`);
  out.result(
    [
      `Made:     ${facts.created}`,
      `Sessions: ${findings.sessions} with ${findings.messages} messages`,
      `Devices:  ${findings.devices}`,
      `Gateway:  ${findings.gateway}`,
      findings.problems.length === 0
        ? "Everything verifies."
        : `Not all does: ${findings.problems.length === 1 ? "one note" : `${findings.problems.length} notes`} above.`,
    ].join("\n"),
  );
  out.note("This was a drill: nothing was changed, and the copy is removed.");
  return code;
}
