import { parseModelRef } from "@carapace/config";
import type { Setting, SetupProvider } from "@carapace/config/setup";
import type { ProviderStatus } from "@carapace/protocol";
import { isGiven, isSealed, type ProviderFacts, profileIdAt, settingName } from "./facts.ts";
import { needsOf } from "./table.ts";

type Assessment = NonNullable<ProviderStatus["assessment"]>;
type Check = Assessment["checks"][number];

/** What is there, what is missing, and what to do about it (http.md §12.4). */
export async function assess(entry: SetupProvider, facts: ProviderFacts): Promise<Assessment> {
  const { id: provider, label } = entry;
  const authMode = modeOf(entry, facts);
  const checks = [
    ...(await credentialChecks(entry, facts)),
    addressCheck(entry, facts),
    inForceCheck(provider, facts),
    defaultModelCheck(provider, facts.snapshot.config.agents.defaults.model),
    answersCheck(provider, facts),
  ];
  const failing = checks.filter(({ status }) => status === "fail");
  const isInvalid = failing.some(({ kind }) => kind === "requirement");
  const status = isInvalid ? "invalid" : failing.length > 0 ? "partial" : "ready";
  const [first] = failing;
  const summary = first === undefined ? `${label} is set up.` : `${label}: ${first.detail}.`;
  return { provider, authMode, status, summary, checks };
}

/** Which of its ways is taken: a key goes before a sign-in. */
function modeOf(
  { key, profile, authModes }: SetupProvider,
  { snapshot }: ProviderFacts,
): Assessment["authMode"] {
  const hasKey = key !== undefined && isGiven(key, snapshot);
  const hasProfile = profile !== undefined && profileIdAt(profile.path, snapshot) !== undefined;
  const [only] = authModes;
  if (authModes.length === 1) return only ?? null;
  if (hasKey) return "apiKey";
  return hasProfile ? (authModes.find((mode) => mode === "oauth" || mode === "setupToken") ?? null) : null;
}

async function credentialChecks(entry: SetupProvider, facts: ProviderFacts): Promise<Check[]> {
  const { id: provider, key, profile } = entry;
  const { snapshot } = facts;
  const about = { provider, facts };
  const others = Object.entries(needsOf(entry)).map(([name, setting]) => settingCheck(name, setting, about));
  const hasKey = key !== undefined && isGiven(key, snapshot);
  const profileId = profile === undefined ? undefined : profileIdAt(profile.path, snapshot);
  if (profile !== undefined && !hasKey && (profileId !== undefined || key === undefined))
    return [await profileCheck(profile, profileId, about), ...others];
  // A server of one's own may need none.
  if (key === undefined || provider === "ollama") return others;
  return [settingCheck("setting", key, about), ...others];
}

interface About {
  readonly provider: string;
  readonly facts: ProviderFacts;
}

function settingCheck(check: string, needs: Setting, { provider, facts: { snapshot } }: About): Check {
  const name = settingName(needs, snapshot);
  if (name !== undefined) return requirement(check, { status: "pass", detail: `${name} is set` });
  if (isSealed(needs, snapshot)) {
    return requirement(check, {
      ...{ status: "fail", detail: `${needs.path} is sealed and does not open` },
      remediation: giveThePassword,
    });
  }
  const isSecret = /key/i.test(needs.path);
  return requirement(check, {
    ...{ status: "fail", detail: `${needs.path} is not set` },
    remediation: isSecret ? `cara secrets set ${needs.path}` : setUp(provider),
  });
}

const giveThePassword = "set CARAPACE_CONFIG_PASSWORD where the gateway starts";

/** What it is called, and whose it is, is nobody's business here. */
async function profileCheck(
  { path, of }: NonNullable<SetupProvider["profile"]>,
  id: string | undefined,
  { provider, facts }: About,
): Promise<Check> {
  const name = "profile";
  const fail = (detail: string, remediation: string) =>
    requirement(name, { status: "fail", detail, remediation });
  if (id === undefined) return fail(`${path} is not set`, setUp(provider));
  const profiles = await facts.profiles();
  if (profiles === undefined) return fail("the stored sign-ins cannot be read", "see: cara logs");
  const found = profiles.find((one) => one.id === id && one.provider === of);
  if (found === undefined) return fail(`${path} names a sign-in that is not stored`, setUp(provider));
  switch (found.state) {
    case "ready":
      return requirement(name, { status: "pass", detail: "the sign-in is stored, and opens" });
    case "locked":
      return fail("the sign-in is sealed and does not open", giveThePassword);
    case "needs_login":
      return fail("the sign-in is not taken any more", setUp(provider));
  }
}

function setUp(provider: string): string {
  return `cara setup --merge --provider ${provider}`;
}

function addressCheck({ baseUrl, label }: SetupProvider, { snapshot }: ProviderFacts): Check {
  const place = baseUrl === undefined ? undefined : settingName(baseUrl, snapshot);
  const detail = place === undefined ? `the usual one of ${label}` : `${place} names another`;
  return requirement("address", { status: "pass", detail });
}

function inForceCheck(provider: string, { find }: ProviderFacts): Check {
  const found = find(provider);
  if (found.ok) return requirement("in_force", { status: "pass", detail: "the running gateway has it" });
  return requirement("in_force", {
    ...{ status: "fail", detail: "the running gateway does not have it" },
    remediation: found.say,
  });
}

function defaultModelCheck(provider: string, model: string | undefined): Check {
  const name = "default_model";
  if (model === undefined) {
    const detail = "no model is chosen: the first provider that is set up gives it";
    return validation(name, { status: "skip", detail });
  }
  const ref = parseModelRef(model);
  const isOwn = ref.ok && ref.value.provider === provider;
  return validation(name, {
    status: isOwn ? "pass" : "skip",
    detail: isOwn ? "agents.defaults.model is one of its models" : "agents.defaults.model is another's",
  });
}

/** No call is made to find out: this is about those that were made anyway. */
function answersCheck(provider: string, { resting }: ProviderFacts): Check {
  const failed = resting.find(({ model }) => model.startsWith(`${provider}:`));
  if (failed === undefined)
    return validation("answers", { status: "skip", detail: "no failed call is remembered" });
  return validation("answers", {
    ...{ status: "fail", detail: withoutAddresses(`${failed.model} failed: ${failed.why}`) },
    remediation: "it is asked again after a while; cara status says when",
  });
}

type Finding = Pick<Check, "status" | "detail" | "remediation">;

function requirement(name: string, finding: Finding): Check {
  return { name, kind: "requirement", ...finding };
}

function validation(name: string, finding: Finding): Check {
  return { name, kind: "validation", ...finding };
}

function withoutAddresses(text: string): string {
  return text.replace(/[^\s@<>]+@[^\s@<>]+\.[^\s@<>]+/g, "[e-mail]");
}
