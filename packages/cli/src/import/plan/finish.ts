import { type ConfigSnapshot, lookupKey } from "@carapace/config";
import { setupProviders } from "@carapace/config/setup";
import type { JsonObject } from "@carapace/protocol";
import { ok, type Result } from "@carapace/protocol/failures";
import { treeOf } from "../../setup/document/entries.ts";
import type { Mapping, Skip } from "../types.ts";

/** What is about to be written. */
export interface Plan {
  readonly mappings: readonly Mapping[];
  readonly skips: readonly Skip[];
}

/** Decides whether a configuration would load and validate. */
export type Validate = (mappings: readonly Mapping[]) => Promise<Result<unknown>>;

/** Leaves out what the configuration would not take, one key at a time, so that the rest is imported. */
export async function usable({ mappings, skips }: Plan, validate: Validate): Promise<Plan> {
  if ((await validate(mappings)).ok) return { mappings, skips };
  const kept: Mapping[] = [];
  const left: Skip[] = [];
  for (const mapping of mappings) {
    const valid = await validate([...kept, mapping]);
    if (valid.ok) kept.push(mapping);
    else left.push({ path: mapping.source, reason: `${mapping.key} would not take it` });
  }
  return { mappings: kept, skips: [...skips, ...left] };
}

/**
 * Leaves out what the configuration that is there has set up already, section by section: half of one, such as an
 * address without its key, would send a key to a server that it is not for. Pure.
 * @param resolved The configuration that is there, with what it includes
 */
export function addedTo(plan: Plan, resolved: ConfigSnapshot["resolved"]): Plan {
  const isThere = ({ key }: Mapping): boolean => saysKey(resolved, sectionOf(key));
  const left = plan.mappings
    .filter(isThere)
    .map(({ source, key }) => ({ path: source, reason: `${sectionOf(key)} is set up already` }));
  return {
    mappings: plan.mappings.filter((mapping) => !isThere(mapping)),
    skips: [...plan.skips, ...left],
  };
}

/**
 * Leaves out a server, its address and its key, that a key of somebody else would be sent to: who wrote the imported file
 * must not have it. A variable of this machine counts before the file (config.md §12); a public server without a key of
 * its own waits for one that is set later. Pure.
 * @param lookup The variables that the gateway sees
 */
export function withoutRedirects(plan: Plan, lookup: (name: string) => string | undefined): Plan {
  const skips: Skip[] = [];
  const left = new Set<Mapping>();
  for (const { id, key, baseUrl } of setupProviders) {
    const address = plan.mappings.find((mapping) => mapping.key === baseUrl?.path);
    const own = plan.mappings.find((mapping) => mapping.key === key?.path);
    if (address === undefined || address.value === baseUrl?.default) continue;
    const variable = key?.variables.find((name) => isAnother(lookup(name)?.trim(), own));
    // An Ollama asks for no key.
    const isWaiting = own === undefined && id !== "ollama" && !isPrivate(String(address.value));
    if (variable === undefined && !isWaiting) continue;
    const why = variable ? `${variable} is set on this machine and` : "it has no key, and one set later";
    const reason = `${why} would be sent there: if you want that, write ${address.key} into the configuration yourself`;
    skips.push({ path: address.source, reason });
    left.add(address);
    if (own === undefined) continue;
    skips.push({ path: own.source, reason: "belongs to an address that is not taken over" });
    left.add(own);
  }
  return { mappings: plan.mappings.filter((one) => !left.has(one)), skips: [...plan.skips, ...skips] };
}

function isAnother(key: string | undefined, own: Mapping | undefined): boolean {
  return key !== undefined && key !== "" && key !== own?.value;
}

/** Names and addresses of this machine and of private networks (RFC 1918, 4193, 6598, 6762, 8375). */
const privateHost =
  /^([^.:]+|.*\.(local|lan|internal|home\.arpa|ts\.net)|(127|10|192\.168|172\.(1[6-9]|2\d|3[01])|100\.(6[4-9]|[7-9]\d|1[01]\d|12[0-7]))\..*|\[(::1|f[cd].*)\])$/;

/** Whether an address leads to no server of the public network. */
function isPrivate(address: string): boolean {
  const { hostname } = new URL(address);
  return privateHost.test(hostname) && !/^(127|10|100|172|192)\..*[a-z]/.test(hostname);
}

/** What belongs together: `openai` of `openai.baseUrl`, `gateway.auth` of its token. */
function sectionOf(key: string): string {
  return key === "agents.defaults.model" ? key : key.slice(0, key.lastIndexOf("."));
}

/**
 * What a configuration needs beside what was imported: a gateway token, and with two credentials which of them counts
 * (its clients show the token, so it is that one). Pure.
 * @param has Whether the configuration has a key after the import
 */
export function completed(plan: Plan, has: (key: string) => boolean, newToken: () => string): Plan {
  const [token, password] = [has("gateway.auth.token"), has("gateway.auth.password")];
  const made = { source: "made now", isSecret: false };
  if (!token && !password) {
    const generated = { ...made, key: "gateway.auth.token", value: newToken(), isSecret: true };
    return { ...plan, mappings: [...plan.mappings, generated] };
  }
  if (!token || !password || has("gateway.auth.mode")) return plan;
  return { ...plan, mappings: [...plan.mappings, { ...made, key: "gateway.auth.mode", value: "token" }] };
}

/** Whether a tree says something at a key. Pure. */
export function saysKey(tree: ConfigSnapshot["resolved"], key: string): boolean {
  const value = lookupKey(tree, key);
  return value !== undefined && value !== null && value !== "";
}

/** A configuration with these settings and nothing else. Pure; keys are those of `settings.ts`, never a source's. */
export function documentOf(mappings: readonly Mapping[]): JsonObject {
  return treeOf(mappings.map(({ key, value }) => [key, value]));
}

/** A validation by what loads the file at the gateway's start. */
export async function validator(env: Readonly<Record<string, string | undefined>>): Promise<Validate> {
  const { validateConfig } = await import("@carapace/config/write");
  return async (mappings) => {
    const valid = await validateConfig({ config: documentOf(mappings) }, { env });
    return valid.ok ? ok(undefined) : valid;
  };
}
