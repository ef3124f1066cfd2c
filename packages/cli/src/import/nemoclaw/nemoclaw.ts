import { join } from "node:path";
import { type Collector, createCollector } from "../plan/collector.ts";
import { commonPrefixes } from "../plan/model.ts";
import { readingOf } from "../plan/reading.ts";
import type { TargetKey } from "../plan/settings.ts";
import { createGatherer, type TreeFile } from "../read/gather.ts";
import { type Tree, type TreeObject, valueAt } from "../read/tree.ts";
import type { Candidate, ImportSource, Reading, SourcePlace } from "../types.ts";

/**
 * NemoClaw: `~/.nemoclaw/config.json` (cli.md §3.11; nemoclaw/src/onboard/config.ts of NVIDIA/NemoClaw), and the values
 * of its variables from `credentials.json` beside it (bin/lib/credentials.js, docs "Host Files and State").
 */
export const nemoclaw: ImportSource = { name: "nemoclaw", label: "NemoClaw", configs, read };

interface Endpoint {
  /** What stands in front of its models here. */
  readonly prefix: string;
  readonly key?: TargetKey;
  readonly url?: TargetKey;
  /** Names of variables that hold this provider's key: others are some other service's secret. */
  readonly variable?: RegExp;
}

const endpoints: Readonly<Record<string, Endpoint>> = {
  anthropic: { prefix: "anthropic", key: "anthropic.apiKey", variable: /^(.*_)?(ANTHROPIC|CLAUDE)(_.*)?$/ },
  openai: {
    ...{ prefix: "openai", key: "openai.apiKey", url: "openai.baseUrl" },
    variable: /^(.*_)?OPENAI(_.*)?$/,
  },
  "openai-compatible": {
    ...{ prefix: "openai", key: "openai.apiKey", url: "openai.baseUrl" },
    variable: /^(?!CARAPACE_|AWS_|(ANTHROPIC|GOOGLE|GEMINI|NEARAI|VENICE)_)[A-Z0-9_]+_API_KEY$/,
  },
  gemini: { prefix: "gemini", key: "google.apiKey", variable: /^(.*_)?(GEMINI|GOOGLE)(_.*)?_KEY$/ },
  ollama: { prefix: "ollama", url: "providers.ollama.baseUrl" },
};

/** Present versions write `custom` and the sandbox's own address, and name the provider apart. */
const namedProviders: Readonly<Record<string, string>> = { "ollama-local": "ollama" };

const unsupported: readonly string[] = ["ncp", "nim-local", "vllm", "build", "custom"];

function configs({ home }: SourcePlace): readonly Candidate[] {
  return [{ path: join(home, ".nemoclaw", "config.json") }];
}

function read({ env, home }: SourcePlace): Reading {
  const gatherer = createGatherer();
  const dir = join(home, ".nemoclaw");
  const file = gatherer.tree({ path: join(dir, "config.json") }, "json");
  const credentials = file && gatherer.tree({ path: join(dir, "credentials.json") }, "json");
  const collector = createCollector();
  if (file) offerConfig(file, { env, credentials: credentials?.tree }, collector);
  return readingOf(gatherer, collector);
}

interface Secrets {
  readonly env: SourcePlace["env"];
  readonly credentials: TreeObject | undefined;
}

function offerConfig({ tree, name }: TreeFile, secrets: Secrets, collector: Collector): void {
  const type = typeOf(tree);
  const endpoint = type !== undefined && Object.hasOwn(endpoints, type) ? endpoints[type] : undefined;
  const from = `${name} endpointType`;
  if (type === undefined) collector.skip(from, "is missing, or no text");
  else if (unsupported.includes(type)) {
    collector.skip(from, "NVIDIA's own endpoints and local servers of its kind have no equivalent here");
    return;
  } else if (endpoint === undefined) collector.skip(from, "an endpoint that this program does not have");
  if (endpoint) offerServer({ tree, name, endpoint, secrets }, collector);
  offerModel({ tree, name, endpoint }, collector);
}

function typeOf(tree: TreeObject): string | undefined {
  const [type, provider] = [valueAt(tree, "endpointType"), valueAt(tree, "provider")];
  const named =
    typeof provider === "string" && Object.hasOwn(namedProviders, provider)
      ? namedProviders[provider]
      : undefined;
  return named ?? (typeof type === "string" ? type : undefined);
}

interface Config {
  readonly tree: TreeObject;
  readonly name: string;
  readonly endpoint: Endpoint;
  readonly secrets: Secrets;
}

/** The key that the file names and the address that it is for; without an address it is the vendor's. */
function offerServer(config: Config, collector: Collector): void {
  const { tree, name, endpoint } = config;
  const url = { from: `${name} endpointUrl`, value: valueAt(tree, "endpointUrl") };
  const named = keyOf(config, collector);
  if (named === "refused") return;
  const apiKey = endpoint.key && { ...named, key: endpoint.key };
  if (endpoint.url && apiKey && url.value)
    collector.offerServer({ apiKey, url: { ...url, key: endpoint.url } });
  else if (apiKey) collector.offer(apiKey);
  else if (endpoint.url) collector.offer({ ...url, key: endpoint.url });
}

function keyOf({ tree, name, endpoint, secrets }: Config, collector: Collector) {
  const variable = valueAt(tree, "credentialEnv");
  const from = `${name} credentialEnv`;
  const none = { from, value: undefined };
  if (typeof variable !== "string" || variable.trim() === "" || endpoint.key === undefined) return none;
  // Whoever wrote the file must not choose which secret of this machine goes where.
  if (!/^[A-Z][A-Z0-9_]{0,63}$/.test(variable) || !endpoint.variable?.test(variable)) {
    collector.skip(from, "names a variable that is not this provider's");
    return "refused";
  }
  const stored = valueAt(secrets.credentials, variable);
  const found = secrets.env[variable]?.trim();
  // The file must not choose where a key of this machine goes, either.
  if (found && found !== stored && mayRedirect(endpoint, valueAt(tree, "endpointUrl"))) {
    const reason = `names the variable ${variable}, which goes to no address of a file: set both with cara setup`;
    collector.skip(from, reason);
    return "refused";
  }
  const value = found || stored;
  if (value !== undefined) return { from: `${from} ${variable}`, value };
  collector.skip(from, `names the variable ${variable}, which is not set`);
  return none;
}

/** Whether an address is somebody else's than the vendor's. */
function mayRedirect({ url }: Endpoint, address: Tree | undefined): boolean {
  if (url === undefined || typeof address !== "string" || address.trim() === "") return false;
  return !URL.canParse(address) || new URL(address).origin !== "https://api.openai.com";
}

/** A model is the endpoint's, whatever it is called: `openai/gpt-oss-120b` of Ollama is Ollama's. */
function offerModel(
  { tree, name, endpoint }: { tree: TreeObject; name: string; endpoint: Endpoint | undefined },
  collector: Collector,
): void {
  const value = valueAt(tree, "model");
  const hasPrefix = typeof value === "string" && endpoint !== undefined && isPrefixed(value, endpoint.prefix);
  const model =
    typeof value === "string" && value.trim() !== "" && endpoint && !hasPrefix
      ? `${endpoint.prefix}:${value.trim()}`
      : value;
  collector.offer({ from: `${name} model`, key: "agents.defaults.model", value: model });
}

function isPrefixed(model: string, prefix: string): boolean {
  const [head = ""] = model.trim().split(/[/:]/);
  const named = Object.hasOwn(commonPrefixes, head.toLowerCase())
    ? commonPrefixes[head.toLowerCase()]
    : undefined;
  return named === prefix && head.length < model.trim().length;
}
