import { createHash } from "node:crypto";
import { ok, type Result, refuse } from "@carapace/protocol";
import type { Provider } from "../types.ts";
import type { OpenSignIns } from "./credential.ts";
import type { ProviderSource } from "./settings.ts";
import type { ConfiguredVendor } from "./vendor.ts";
import type { CallDeps } from "./vendor-call.ts";
import { presentVendors, whyAbsent } from "./vendors.ts";

/** What a set of providers is built with. */
export interface ProviderDeps {
  readonly nowMs: () => number;
  /** Uniform in [0, 1); spreads retries. */
  readonly random: () => number;
  /** Contract: resolves early once the signal fires; never rejects. */
  readonly sleep: (ms: number, signal: AbortSignal) => Promise<void>;
  /** Providers that need no settings: `offline`. */
  readonly extra: readonly Provider[];
  /** The stored sign-ins; a setting that names one is of no use without. */
  readonly signIns?: OpenSignIns;
  /** Tests shorten them. */
  readonly limits?: Partial<ProviderLimits>;
}

/** Waits of a model call, milliseconds. */
export interface ProviderLimits {
  /** Until a reply's headers, for all vendors alike; otherwise each has its own. */
  readonly headerTimeoutMs: number;
  /** Without a byte. */
  readonly idleTimeoutMs: number;
  /** After the first of three tries. */
  readonly retryDelayMs: number;
}

/** The providers of one configuration. */
export interface ProviderSet {
  /** @param prefix of a model string, lower case. */
  get(prefix: string): Provider | undefined;
  /** The same, with a sentence for the owner if there is none: `provider_not_configured`. */
  find(prefix: string): Result<Provider>;
  list(): readonly Provider[];
  /**
   * The model of an owner who chose none: that of the first provider set up, `offline:basic` without any. A server of
   * theirs is asked which models it has; if it cannot tell, that is the answer, and nothing else takes its place.
   */
  defaultModel(): Result<string> | Promise<Result<string>>;
  /** Of each provider's settings, keys included; equal sets need no rebuild. */
  readonly fingerprint: Readonly<Record<string, string>>;
  /** What is set up, but not so that it can be used, for the log. */
  readonly warnings: readonly string[];
}

/** Builds the providers that environment and config set up (agent.md §3); refused if a setting can never work. */
export function createProviders(source: ProviderSource, deps: ProviderDeps): Result<ProviderSet> {
  const read = readVendors(source);
  if (!read.ok) return read;
  const { vendors, absent } = read.value;
  const built = vendors.map((vendor) => vendor.create(callDeps(deps, vendor.headerTimeoutMs)));
  const providers = new Map([...built, ...deps.extra].map((provider) => [provider.id, provider]));
  // The one stand-in there is: Vertex has Gemini's models, too (agent.md §2).
  const get = (prefix: string) =>
    providers.get(prefix) ?? (prefix === "gemini" ? providers.get("vertex") : undefined);
  return ok({
    get,
    find: (prefix) => {
      const provider = get(prefix);
      if (provider !== undefined) return ok(provider);
      return refuse("provider_not_configured", absent.get(prefix) ?? whyAbsent(prefix));
    },
    list: () => [...providers.values()],
    defaultModel: chooseDefault(vendors, deps),
    fingerprint: Object.fromEntries(vendors.map(({ id, fingerprint }) => [id, digest(fingerprint)])),
    warnings: [...absent.values(), ...vendors.flatMap(({ warnings = [] }) => warnings)],
  });
}

interface Named extends ConfiguredVendor {
  readonly id: string;
  readonly headerTimeoutMs: number;
}

interface Found {
  readonly vendors: readonly Named[];
  /** Why those cannot be used which are set up wrongly, by id. */
  readonly absent: ReadonlyMap<string, string>;
}

function readVendors(source: ProviderSource): Result<Found> {
  const vendors: Named[] = [];
  const absent = new Map<string, string>();
  for (const [id, { read, headerTimeoutMs }] of presentVendors) {
    const vendor = read(source);
    if (!vendor.ok) return vendor;
    if (vendor.value === undefined) continue;
    if ("absentBecause" in vendor.value) absent.set(id, vendor.value.absentBecause);
    else vendors.push({ ...vendor.value, id, headerTimeoutMs });
  }
  return ok({ vendors, absent });
}

/** What the providers of a vendor are given. */
export function callDeps(deps: ProviderDeps, headerTimeoutMs: number): CallDeps {
  const { limits, sleep, random, nowMs, signIns } = deps;
  return {
    nowMs,
    ...(signIns === undefined ? {} : { signIns }),
    limits: {
      headerTimeoutMs: limits?.headerTimeoutMs ?? headerTimeoutMs,
      idleTimeoutMs: limits?.idleTimeoutMs ?? 300_000,
    },
    retry: {
      maxTries: 3,
      baseDelayMs: limits?.retryDelayMs ?? 500,
      maxDelayMs: 8000,
      maxRetryAfterMs: 60_000,
      sleep,
      random,
    },
  };
}

function chooseDefault(
  vendors: readonly ConfiguredVendor[],
  { nowMs }: ProviderDeps,
): ProviderSet["defaultModel"] {
  const choose = vendors.find((vendor) => vendor.defaultModel !== undefined)?.defaultModel;
  return choose === undefined ? () => ok("offline:basic") : onceOk(async () => await choose(nowMs));
}

/** Asks until it gets an answer, once at a time, and keeps it. */
function onceOk<T>(ask: () => Promise<Result<T>>): () => Promise<Result<T>> {
  let asked: Promise<Result<T>> | undefined;
  return async () => {
    asked ??= ask();
    const result = await asked;
    if (!result.ok) asked = undefined;
    return result;
  };
}

/** 8 bytes of SHA-256 over all that makes a provider. */
function digest(parts: readonly string[]): string {
  return createHash("sha256").update(JSON.stringify(parts)).digest("hex").slice(0, 16);
}
