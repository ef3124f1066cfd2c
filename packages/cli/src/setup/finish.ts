import { type ConfigSnapshot, describeIssue, loadConfig, Secret, warningsOf } from "@carapace/config";
import type { Result } from "@carapace/protocol";
import { writeRefusal } from "../commands/config/writing.ts";
import type { CliWorld } from "../world.ts";
import type { ProviderAnswer, SetupAnswers, SignedIn } from "./answers.ts";
import { assess, statusOf } from "./assess.ts";
import { providerOf } from "./choice.ts";
import { documentOf, offlineModel } from "./document/document.ts";
import { mergeOf } from "./document/merge.ts";
import { dropDraft } from "./draft.ts";
import type { LiveFinding } from "./live.ts";
import { nextCommands, rerunOf } from "./next.ts";
import type { SetupReport } from "./report.ts";
import { warningsFor } from "./warnings.ts";

/** How a setup meets the configuration that may be there. */
export type SetupMode = "create" | "replace" | "merge";

/** With what, and over what, a setup is finished. */
export interface FinishContext {
  readonly world: CliWorld;
  readonly stateDir: string;
  /** `create` refuses if there is a configuration; `replace` keeps it as a backup, `merge` also all that was not asked. */
  readonly mode: SetupMode;
  /** The state directory, held against a gateway; given back once it is written. */
  readonly guard: AsyncDisposable;
}

/**
 * Writes the configuration that the answers stand for, and the sign-in they made; nothing, if it would not load. Then
 * gives the state directory back, reads the configuration again and assesses it. Prints nothing.
 */
export async function finishSetup(
  answers: SetupAnswers,
  live: LiveFinding,
  context: FinishContext,
): Promise<Result<SetupReport>> {
  const { world, stateDir, mode, guard } = context;
  world.out.hide(secretsIn(answers));
  const { writeOwnersConfig } = await import("@carapace/config/write");
  const { provider } = answers;
  const document = mode === "merge" ? await mergeInto(answers, world) : documentOf(answers);
  const written = await writeOwnersConfig(document, {
    ...{ env: world.env, mode },
    ...("profile" in provider && { whenSound: provider.profile.store }),
  });
  if (!written.ok) return { ...written, say: writeRefusal(written) };
  dropDraft(stateDir);
  await guard[Symbol.asyncDispose]();
  await tellWritten(world);
  const loaded = await loadConfig({ env: world.env });
  if (!loaded.ok) return loaded;
  const warnings = warningsOf(loaded.value.issues).map((issue) => describeIssue(issue));
  return { ok: true, value: await reportOf({ answers, live, world, warnings }, loaded.value, written.value) };
}

async function mergeInto(answers: SetupAnswers, { env }: CliWorld) {
  const now = await loadConfig({ env });
  return mergeOf(answers, { hasHooksToken: now.ok && now.value.config.gateway.hooks.token !== undefined });
}

/** Where something is kept already there is an audit log too. */
async function tellWritten(world: CliWorld): Promise<void> {
  const { tellAudit } = await import("../commands/audit/tell.ts");
  const data = { key_path: "the whole configuration", actor: "cli", method: "cara setup" };
  await tellAudit({ event: "config_changed", data }, world);
}

interface Finished {
  readonly answers: SetupAnswers;
  readonly live: LiveFinding;
  readonly world: CliWorld;
  readonly warnings: readonly string[];
}

async function reportOf(
  { answers, live, world, warnings }: Finished,
  snapshot: ConfigSnapshot,
  { path, backupPath }: { readonly path: string; readonly backupPath?: string },
): Promise<SetupReport> {
  const { provider, model, outcome, channel } = answers;
  const { port } = snapshot.config.gateway;
  const checks = await assess({ answers, snapshot, live, rerun: rerunOf(answers), world });
  const status = statusOf(checks);
  const isComplete = !checks.some((check) => check.kind === "requirement" && check.status === "fail");
  const { usableManager } = await import("../service/own-service.ts");
  return {
    path,
    ...(backupPath !== undefined && { backupPath }),
    snapshot,
    provider: labelOf(provider),
    authMode: provider.provider === "offline" ? "none" : provider.mode,
    model: model ?? offlineModel,
    ...("profile" in provider && { profile: profileOf(provider.profile) }),
    ...{ status, checks, outcome, port },
    ...(channel?.verifyTo !== undefined && { verifyTo: channel.verifyTo }),
    warnings: [...warnings, ...warningsFor(answers, world.env, isComplete)],
    next: nextCommands(answers, status, (await usableManager(world)).ok),
  };
}

function labelOf({ provider }: ProviderAnswer): string {
  return provider === "offline" ? "built-in assistant" : providerOf(provider).label;
}

function profileOf({ profileId, name, email }: SignedIn): NonNullable<SetupReport["profile"]> {
  return { id: profileId, ...(name !== undefined && { name }), ...(email !== undefined && { email }) };
}

/** Everything typed or made here that must not be told. */
function secretsIn(value: unknown): readonly string[] {
  if (value instanceof Secret) return [value.reveal()];
  return typeof value === "object" && value !== null ? Object.values(value).flatMap(secretsIn) : [];
}
