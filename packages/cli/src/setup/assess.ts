import { type ConfigSnapshot, parseModelRef } from "@carapace/config";
import { nameIfSet, type SetupSetting } from "@carapace/config/setup";
import type { CliWorld } from "../world.ts";
import type { ProviderAnswer, SetupAnswers } from "./answers.ts";
import { providerOf } from "./choice.ts";
import type { LiveFinding } from "./live.ts";
import type { SetupCheck, SetupStatus } from "./report.ts";

/** What an assessment looks at. */
export interface Assessed {
  readonly answers: SetupAnswers;
  /** As it was read again after it was written. */
  readonly snapshot: ConfigSnapshot;
  readonly live: LiveFinding;
  /** Runs the same setup once more. */
  readonly rerun: string;
  readonly world: CliWorld;
}

/**
 * Whether what was written can work (agent.md §15): the model's route, each credential, the provider as the gateway will
 * build it, then what the live check found.
 */
export async function assess(subject: Assessed): Promise<readonly SetupCheck[]> {
  const { answers, live } = subject;
  const profile = await profileCheck(subject);
  return [
    routeCheck(subject),
    ...credentialChecks(subject),
    ...(profile === undefined ? [] : [profile]),
    ...(answers.provider.provider === "offline" ? [] : [await providerCheck(subject)]),
    ...channelChecks(subject),
    { name: "live check", kind: "validation", ...live },
  ];
}

/** Pure. */
export function statusOf(checks: readonly SetupCheck[]): SetupStatus {
  if (checks.some(({ status }) => status === "fail")) return "invalid";
  const isProven = checks.some(({ status, kind }) => kind === "validation" && status === "pass");
  return isProven ? "ready" : "partial";
}

const requirement = (
  name: string,
  found: Pick<SetupCheck, "status" | "detail" | "remediation">,
): SetupCheck => ({ name, kind: "requirement", ...found });

function routeCheck({ answers, snapshot, rerun }: Assessed): SetupCheck {
  const model = snapshot.config.agents.defaults.model;
  const ref = parseModelRef(model ?? "");
  const name = "model route";
  if (!ref.ok) return requirement(name, { status: "fail", detail: ref.say, remediation: rerun });
  const { provider } = ref.value;
  if (provider !== answers.provider.provider) {
    const detail = `${model} is a model of ${provider}, and ${answers.provider.provider} is set up`;
    return requirement(name, { status: "fail", detail, remediation: rerun });
  }
  const isOffline = provider === "offline";
  const detail = isOffline ? `${model}, the built-in assistant; it is no language model` : (model ?? "");
  return requirement(name, { status: "pass", detail });
}

/** Which settings of a provider it cannot do without, by the way in that was chosen. */
function neededBy(answer: ProviderAnswer): readonly (SetupSetting | undefined)[] {
  if (answer.provider === "offline") return [];
  const { key, baseUrl, settings = {}, needed = [] } = providerOf(answer.provider);
  const proof = answer.mode === "apiKey" ? [key] : answer.mode === "baseUrl" ? [baseUrl] : [];
  return [...proof, ...needed.map((name) => settings[name])];
}

function credentialChecks({ answers, snapshot, rerun }: Assessed): readonly SetupCheck[] {
  return neededBy(answers.provider).flatMap((setting) => {
    if (setting === undefined) return [];
    const name = setting.path;
    const place = nameIfSet(setting, snapshot);
    if (place !== undefined) {
      const detail = place === name ? `${name} is in the configuration` : `${place} is set`;
      return [requirement(name, { status: "pass", detail })];
    }
    const variable = setting.variables[0] ?? name;
    const remediation = `export ${variable} where the gateway starts, or: ${rerun}`;
    return [requirement(name, { status: "fail", detail: "it is not set", remediation })];
  });
}

async function profileCheck({ answers, rerun, world }: Assessed): Promise<SetupCheck | undefined> {
  const { provider } = answers;
  if (!("profile" in provider)) return undefined;
  const { openAccounts } = await import("@carapace/accounts");
  const found = await openAccounts({ env: world.env, nowMs: world.nowMs }).find(provider.profile.profileId);
  const check = (status: "pass" | "fail", detail: string, remediation?: string): SetupCheck => ({
    ...{ name: "stored sign-in", kind: "validation", status, detail },
    ...(remediation !== undefined && { remediation }),
  });
  if (!found.ok) return check("fail", found.say, rerun);
  if (found.value === undefined) return check("fail", "it is not stored", rerun);
  const { id, state } = found.value;
  if (state === "ready") return check("pass", `${id} is stored and opens`);
  return state === "locked"
    ? check("fail", `${id} does not open`, "export CARAPACE_CONFIG_PASSWORD where the gateway starts")
    : check("fail", `${id} has run out`, rerun);
}

/** Builds the provider as a gateway would: what it refuses there is refused here. */
async function providerCheck({ answers, snapshot, rerun, world }: Assessed): Promise<SetupCheck> {
  const { createProviders } = await import("@carapace/agent");
  const built = createProviders(snapshot, {
    nowMs: world.nowMs,
    random: Math.random,
    sleep: async () => {},
    extra: [],
  });
  const name = "provider";
  if (!built.ok) return requirement(name, { status: "fail", detail: built.say, remediation: rerun });
  const found = built.value.find(answers.provider.provider);
  if (found.ok) return requirement(name, { status: "pass", detail: "the gateway can use it" });
  return requirement(name, { status: "fail", detail: found.say, remediation: rerun });
}

function channelChecks({ answers, snapshot, rerun }: Assessed): readonly SetupCheck[] {
  const { outcome } = answers;
  if (outcome === "local-chat") return [];
  const { discord, telegram, matrix, gateway } = snapshot.config;
  const isThere = {
    discord: discord?.botToken !== undefined,
    telegram: telegram?.botToken !== undefined,
    matrix: matrix?.homeserverUrl !== undefined,
    hooks: gateway.hooks.enabled && gateway.hooks.token !== undefined,
  }[outcome];
  if (outcome === "matrix" && isThere) {
    const detail = "its account is in the configuration; the channel itself comes in a later version";
    return [requirement(outcome, { status: "skip", detail })];
  }
  const detail = isThere ? "its credentials are in the configuration" : "it was left out";
  const found = isThere
    ? ({ status: "pass", detail } as const)
    : ({ status: "skip", detail, remediation: rerun } as const);
  return [requirement(outcome, found)];
}
