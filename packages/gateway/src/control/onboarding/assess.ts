import { nameIfSet, type ProviderSource, type Setting } from "@carapace/agent";
import { type ConfigSnapshot, lookupKey, parseModelRef } from "@carapace/config";
import { isRecord, type ProviderStatus } from "@carapace/protocol";
import type { OnboardingEntry } from "./table.ts";

type Assessment = NonNullable<ProviderStatus["assessment"]>;
type Check = Assessment["checks"][number];

/** What is known of the providers, without asking anybody. */
export interface ProviderFacts {
  readonly snapshot: Pick<ConfigSnapshot, "config" | "lookup" | "parsed" | "resolved">;
  /** Whether the running gateway has one of this prefix; if not, what to do. */
  readonly find: (prefix: string) => { readonly ok: true } | { readonly ok: false; readonly say: string };
  /** Models that failed and are not asked for a while. */
  readonly resting: readonly { readonly model: string; readonly why: string }[];
}

/** Whether the owner gave one of its settings, in the file or in the environment. */
export function isConfigured({ signs }: OnboardingEntry, { snapshot }: ProviderFacts): boolean {
  return signs.some((sign) => nameOf(sign, snapshot) !== undefined || isSealed(sign, snapshot));
}

/** What is there, what is missing, and what to do about it (http.md §12.4). */
export function assess(entry: OnboardingEntry, facts: ProviderFacts): Assessment {
  const { provider, label, setUp } = entry;
  const checks = setUp === undefined ? [absentCheck(label)] : checksOf(entry, setUp, facts);
  const failing = checks.filter(({ status }) => status === "fail");
  const isInvalid = failing.some(({ kind }) => kind === "requirement");
  const status = isInvalid ? "invalid" : failing.length > 0 ? "partial" : "ready";
  const [first] = failing;
  const summary = first === undefined ? `${label} is set up.` : `${label}: ${first.detail}.`;
  return { provider, authMode: setUp?.authMode ?? null, status, summary, checks };
}

function checksOf(
  { provider, label }: OnboardingEntry,
  { needs, address, command }: NonNullable<OnboardingEntry["setUp"]>,
  facts: ProviderFacts,
): Check[] {
  const { snapshot, find } = facts;
  const found = find(provider);
  const inForce: Check = found.ok
    ? requirement("in_force", { status: "pass", detail: "the running gateway has it" })
    : requirement("in_force", {
        ...{ status: "fail", detail: "the running gateway does not have it" },
        remediation: found.say,
      });
  const place = nameOf(address, snapshot);
  const where = place === undefined ? `the usual one of ${label}` : `${place} names another`;
  return [
    settingCheck(needs, command, snapshot),
    requirement("address", { status: "pass", detail: where }),
    inForce,
    defaultModelCheck(provider, snapshot.config.agents.defaults.model),
    answersCheck(provider, facts),
  ];
}

function settingCheck(needs: Setting, command: string, snapshot: ProviderFacts["snapshot"]): Check {
  const name = nameOf(needs, snapshot);
  if (name !== undefined) return requirement("setting", { status: "pass", detail: `${name} is set` });
  if (isSealed(needs, snapshot)) {
    return requirement("setting", {
      ...{ status: "fail", detail: `${needs.path} is sealed and does not open` },
      remediation: "set CARAPACE_CONFIG_PASSWORD where the gateway starts",
    });
  }
  return requirement("setting", {
    ...{ status: "fail", detail: `${needs.path} is not set` },
    remediation: command,
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

function absentCheck(label: string): Check {
  return requirement("available", {
    ...{ status: "fail", detail: `${label} is not in this version` },
    remediation: "use a model of anthropic, openai or ollama",
  });
}

type Finding = Pick<Check, "status" | "detail" | "remediation">;

function requirement(name: string, finding: Finding): Check {
  return { name, kind: "requirement", ...finding };
}

function validation(name: string, finding: Finding): Check {
  return { name, kind: "validation", ...finding };
}

/** A setting's name where it was made; a section that is there counts, be it empty. */
function nameOf(setting: Setting, source: ProviderSource): string | undefined {
  const name = nameIfSet(source, setting);
  if (name !== undefined) return name;
  return isRecord(lookupKey(source.resolved, setting.path)) ? setting.path : undefined;
}

/** There as a text in the file, and yet nothing: it was not opened. */
function isSealed({ path }: Setting, { parsed, resolved }: ProviderFacts["snapshot"]): boolean {
  const written = lookupKey(parsed, path);
  return typeof written === "string" && written.startsWith("enc:") && lookupKey(resolved, path) == null;
}

function withoutAddresses(text: string): string {
  return text.replace(/[^\s@<>]+@[^\s@<>]+\.[^\s@<>]+/g, "[e-mail]");
}
