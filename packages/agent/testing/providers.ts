import type { ProviderDeps, ProviderSet } from "../src/providers/index.ts";
import { callDeps, createProviders } from "../src/providers/index.ts";
import type { CallDeps } from "../src/providers/vendor-call.ts";
import type { ModelEvent, ModelRequest, Provider } from "../src/types.ts";
import { startVendorServer, type VendorServer } from "./vendors/wire.ts";

/** Environment and config as a set of providers reads them. */
export interface FakeSource {
  readonly env?: Readonly<Record<string, string>>;
  readonly config?: Parameters<typeof createProviders>[0]["resolved"];
}

/** A source of settings: the environment is a plain object. */
export function settingsOf({ env = {}, config = {} }: FakeSource): Parameters<typeof createProviders>[0] {
  return { lookup: (name) => env[name], resolved: config };
}

/** Deps whose waits are recorded instead of waited for. */
export function quickDeps(waits: number[] = []): ProviderDeps {
  return {
    nowMs: () => Date.UTC(2026, 10, 22, 12, 0, 0),
    random: () => 0,
    sleep: async (ms) => void waits.push(ms),
    extra: [],
    limits: { headerTimeoutMs: 5000, idleTimeoutMs: 5000, retryDelayMs: 500 },
  };
}

/** The same for a provider that a test builds itself. */
export function callDepsOf(deps: ProviderDeps): CallDeps {
  return callDeps(deps, 5000);
}

/** The settings that point a provider at a loopback server. */
export const vendorEnv = {
  anthropic: (origin: string) => ({
    ANTHROPIC_API_KEY: "sk-ant-api03-test-key-0123456789",
    ANTHROPIC_BASE_URL: origin,
  }),
  openai: (origin: string) => ({ OPENAI_API_KEY: "sk-proj-test-key-0123456789", OPENAI_BASE_URL: origin }),
  ollama: (origin: string) => ({ OLLAMA_BASE_URL: origin }),
  gemini: (origin: string) => ({ GOOGLE_API_KEY: "AIzaSyTest-key-0123456789", GOOGLE_API_BASE_URL: origin }),
  nearai: (origin: string) => ({ NEARAI_API_KEY: "sk-nearai-test-key-0123456789", NEARAI_BASE_URL: origin }),
  venice: (origin: string) => ({ VENICE_API_KEY: "venice-test-key-0123456789", VENICE_BASE_URL: origin }),
};
export type VendorId = keyof typeof vendorEnv;

/** A provider, the loopback server it talks to, and the waits between its tries. */
export interface TestVendor extends AsyncDisposable {
  readonly provider: Provider;
  readonly server: VendorServer;
  readonly waits: readonly number[];
}

interface VendorChanges {
  readonly limits?: ProviderDeps["limits"];
  readonly env?: Environment | ((origin: string) => Environment);
}
type Environment = Readonly<Record<string, string>>;

/** Starts a vendor's server and builds the real provider against it. */
export async function startVendor(
  id: VendorId,
  { limits, env = {} }: VendorChanges = {},
): Promise<TestVendor> {
  const server = await startVendorServer();
  const waits: number[] = [];
  const deps = quickDeps(waits);
  const changed = typeof env === "function" ? env(server.origin) : env;
  const set = createProviders(settingsOf({ env: { ...vendorEnv[id](server.origin), ...changed } }), {
    ...deps,
    limits: { ...deps.limits, ...limits },
  });
  return {
    provider: only(set, id),
    server,
    waits,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

function only(set: ReturnType<typeof createProviders>, id: VendorId): Provider {
  const provider = set.ok ? (set.value satisfies ProviderSet).get(id) : undefined;
  if (provider === undefined) throw new Error(set.ok ? `no provider ${id}` : set.say);
  return provider;
}

/** The label of what the owner typed. */
export const owner = { kind: "owner" } as const;

/** A small request with one question and one tool. */
export function request(changes: Partial<ModelRequest> = {}): ModelRequest {
  return {
    model: "test-model",
    messages: [{ role: "user", blocks: [{ type: "text", text: "What time is it?", origin: owner }] }],
    tools: [],
    maxTokens: 1024,
    ...changes,
  };
}

/** Everything a call tells. */
export async function collect(
  provider: Provider,
  asked: ModelRequest = request(),
  signal: AbortSignal = new AbortController().signal,
): Promise<ModelEvent[]> {
  const events: ModelEvent[] = [];
  for await (const event of provider.complete(asked, signal)) events.push(event);
  return events;
}

/** The text of all text events. */
export function textOfEvents(events: readonly ModelEvent[]): string {
  return events.map((event) => (event.kind === "text" ? event.delta : "")).join("");
}
