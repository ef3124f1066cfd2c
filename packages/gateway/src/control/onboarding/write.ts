import type { ConfigSnapshot } from "@carapace/config";
import type { JsonObject, ProviderStatus, Result } from "@carapace/protocol";
import { json } from "../../http/json.ts";
import type { Visit } from "../../http/route.ts";
import { refused } from "../answers.ts";
import type { OnboardingDeps } from "./deps.ts";
import { statusOf } from "./route.ts";
import { onboardingProviders } from "./table.ts";

/** What is written when a provider is set up. */
export interface Applied {
  readonly visit: Visit;
  readonly provider: "gemini" | "codex";
  readonly mode: "oauth" | "apiKey";
  /** Merged into the file (RFC 7396): only what it names is touched, and comments stay. */
  readonly patch: JsonObject;
  /** For the audit log. */
  readonly keys: readonly string[];
  /** What has to be there before the configuration speaks of it. */
  readonly whenSound?: () => Promise<Result<undefined>>;
}

/** Writes a provider's settings, and answers how it stands from now on (http.md §12.4). */
export async function writeProvider(applied: Applied, deps: OnboardingDeps): Promise<Response> {
  const { visit, provider, mode, patch, keys, whenSound } = applied;
  const { config, world, state } = deps;
  const { writeOwnersConfig } = await import("@carapace/config/write");
  const { path } = config.current();
  const written = await writeOwnersConfig(patch, {
    ...{ env: world.env, path, mode: "merge", keepsOld: false },
    ...(whenSound === undefined ? {} : { whenSound }),
  });
  if (!written.ok) return refused(400, written.say);
  const actor = visit.peer.ip === "" ? "unknown" : visit.peer.ip;
  for (const key of keys) {
    const data = { key_path: key, actor, method: "control_api" };
    await state.audit.append({ actor, event: "config_changed", data });
  }
  const { snapshot } = written.value;
  if (snapshot.config.gateway.reload.mode !== "off") await config.reload();
  const providerStatus = await statusAfter(provider, snapshot, deps);
  return json({ ok: true, applied: { mode }, hash: snapshot.hash, providerStatus });
}

async function statusAfter(
  provider: string,
  snapshot: ConfigSnapshot,
  { facts }: OnboardingDeps,
): Promise<ProviderStatus | undefined> {
  const found = onboardingProviders.find(({ id }) => id === provider);
  return found && (await statusOf(found, { ...facts(), snapshot }));
}
