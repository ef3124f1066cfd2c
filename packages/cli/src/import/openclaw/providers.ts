import type { Collector } from "../plan/collector.ts";
import { providerKeys } from "../plan/providers.ts";
import { entriesAt, type Tree, type TreeObject, valueAt } from "../read/tree.ts";

/** Which of our providers an entry of `models.providers` is. */
type ProviderClass = "bedrock" | "anthropic" | "openai" | "google" | "venice" | "nearai" | "ollama";

/** By name and by address, in the order of cli.md §3.11. */
const classes: readonly {
  readonly is: ProviderClass;
  readonly names: RegExp;
  readonly hosts: RegExp;
}[] = [
  { is: "bedrock", names: /^(amazon-)?bedrock$/, hosts: /(^|\.)bedrock[a-z-]*\.[a-z0-9-]+\.amazonaws\.com$/ },
  { is: "anthropic", names: /^anthropic$/, hosts: /(^|\.)anthropic\.com$/ },
  { is: "openai", names: /^openai$/, hosts: /(^|\.)openai\.com$/ },
  { is: "google", names: /^(google|gemini)$/, hosts: /^generativelanguage\.googleapis\.com$/ },
  { is: "venice", names: /^venice$/, hosts: /(^|\.)venice\.ai$/ },
  { is: "nearai", names: /^near[- ]?ai$/, hosts: /^cloud-api\.near\.ai$/ },
  { is: "ollama", names: /^ollama$/, hosts: /^(localhost|127\.0\.0\.1|\[::1\]):11434$/ },
];

/** Offers `models.providers`, in the order of their names. */
export function offerProviders(tree: TreeObject, where: string, collector: Collector): void {
  const providers = [...entriesAt(tree, "models", "providers")].sort(([a], [b]) => (a < b ? -1 : 1));
  for (const [name, entry] of providers) {
    offerProvider({ from: `${where} models.providers.${name}`, name, entry }, collector);
  }
}

interface Provider {
  readonly from: string;
  readonly name: string;
  readonly entry: Tree;
}

function offerProvider({ from, name, entry }: Provider, collector: Collector): void {
  const baseUrl = textAt(entry, "baseUrl") ?? textAt(entry, "baseURL");
  const is = classOf(name, baseUrl, textAt(entry, "auth"));
  if (is === "bedrock") {
    collector.skip(from, "Bedrock takes its keys from the environment: use cara setup");
    return;
  }
  const keys = providerKeys(is);
  if (is === undefined || keys === undefined) {
    collector.skip(from, "a provider that this program does not have");
    return;
  }
  const apiKey = { from: `${from}.apiKey`, key: keys.apiKey, value: valueAt(entry, "apiKey") };
  const url = { from: `${from}.baseUrl`, key: keys.baseUrl, value: baseUrl };
  if (is === "ollama") {
    collector.offer(url);
    collector.offer(apiKey);
    return;
  }
  // A key of somebody else's server is none of the vendor's: it goes where it came from, or nowhere.
  const isOwnServer = baseUrl !== undefined && !isHostOf(is, baseUrl);
  if (isOwnServer) collector.offerServer({ apiKey, url });
  else collector.offer(apiKey);
}

function classOf(name: string, baseUrl: string | undefined, auth: string | undefined) {
  if (auth === "aws-sdk") return "bedrock";
  const lower = name.trim().toLowerCase();
  const host = hostOf(baseUrl);
  return classes.find(({ names, hosts }) => names.test(lower) || (host !== undefined && hosts.test(host)))
    ?.is;
}

function isHostOf(is: ProviderClass, baseUrl: string): boolean {
  const host = hostOf(baseUrl);
  return host !== undefined && classes.some((one) => one.is === is && one.hosts.test(host));
}

function hostOf(baseUrl: string | undefined): string | undefined {
  return baseUrl !== undefined && URL.canParse(baseUrl) ? new URL(baseUrl).host : undefined;
}

function textAt(tree: Tree, name: string): string | undefined {
  const value = valueAt(tree, name);
  return typeof value === "string" && value.trim() !== "" ? value : undefined;
}
