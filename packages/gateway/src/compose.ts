import { statSync } from "node:fs";
import type { Provider, Tool } from "@carapace/agent";
import {
  type Config,
  type ConfigStore,
  configPathOf,
  describeIssue,
  type Environment,
  openConfigStore,
  type ReloadReport,
  stateDirOf,
  warningsOf,
} from "@carapace/config";
import { findPlainCredentials } from "@carapace/config/plain-credentials";
import { collectSecrets } from "@carapace/config/redaction";
import { ok, type Refusal, type Result, refuse, version } from "@carapace/protocol";
import { acquireInstanceLock, finishPendingChange, StateError } from "@carapace/state";
import { chooseAddress, refuseUnknownHost, socketUrl } from "./compose/address.ts";
import type { Core } from "./compose/core.ts";
import { resolveCredentials } from "./compose/credentials.ts";
import { createHealth } from "./compose/health.ts";
import { createOpening } from "./compose/opening.ts";
import { openPort } from "./compose/port.ts";
import { storeRestored } from "./compose/restored-credentials.ts";
import { createHub } from "./connection/hub.ts";
import { definedOnly } from "./defined-only.ts";
import { createCsrf } from "./http/csrf.ts";
import { isLoopbackBind } from "./listen/exposure.ts";
import type { Listener } from "./listen/options.ts";
import { type LogLevel, parseLogLevel } from "./log/level.ts";
import { type GatewayLog, type LogOptions, openLog } from "./log/log.ts";
import type { GatewayFacts } from "./methods/services.ts";
import { createMetrics } from "./metrics/metrics.ts";
import type { FetchFile } from "./openai/attachments/fetch-file.ts";
import type { World } from "./types.ts";

/** Nobody who waits for a start waits for the check: by then even a slow client has had its first answer. */
const usualTimes: Times = { drainBudgetMs: 25_000, verifyAfterMs: 2000 };

export interface StartOptions {
  /** The process environment. */
  readonly env: Environment;
  /** Instead of what the environment says. */
  readonly stateDir?: string;
  readonly configPath?: string;
  /** Instead of `gateway.port` and `gateway.bind`; port 0 takes any free one. */
  readonly port?: number;
  readonly bind?: string;
  /** Inside another command's process: only this machine can reach it, whatever `gateway.bind` says (cli.md §2.8). */
  readonly embedded?: boolean;
  /** Serves the control API, whatever `gateway.control.enabled` says: for the command in whose process it runs. */
  readonly control?: true;
  /** The level beats `logging.level`; without `write` the log is only kept in memory. */
  readonly log?: Pick<LogOptions, "write"> & { readonly level?: LogLevel };
  readonly world?: Partial<Pick<World, "nowMs" | "newId">>;
  /** Beside the configured ones; one called `offline` takes the built-in one's place. */
  readonly providers?: readonly Provider[];
  /** Beside the built-in ones. */
  readonly tools?: readonly Tool[];
  /** Instead of fetching what requests of the OpenAI-compatible API name. */
  readonly fetchFile?: FetchFile;
  readonly times?: Partial<Times>;
}

/** How long the gateway gives others, in ms. */
interface Times {
  /** For running turns to end when it stops; what is not ended then is taken up by the next process. */
  readonly drainBudgetMs: number;
  /** From the start until everything stored is verified. */
  readonly verifyAfterMs: number;
}

/** A running gateway. */
export interface Gateway {
  /** Its WebSocket address, for clients on this machine. */
  readonly url: string;
  readonly hostname: string;
  readonly port: number;
  readonly stateDir: string;
  /** Resolves when it has stopped, whoever asked for it. */
  readonly closed: Promise<void>;
  readonly models: {
    /** The model that answers where nobody asks for another, as `provider:model`; refused if none can be chosen. */
    current(): Promise<Result<string>>;
  };
  /** Reads the configuration again; refused, and the old one kept, if it does not load or validate. */
  reload(): Promise<Result<ReloadReport>>;
  /**
   * Lets nobody new in, tells the connected, gives running turns 25 s to end, and closes everything. What is not ended
   * by then is resumed by the next process. Twice is as good as once.
   * @param reason Told to clients: `SIGTERM`, say.
   */
  close(reason: string): Promise<void>;
}

/**
 * Starts the gateway: lock, configuration, port, then state, providers and the runs of an earlier process; it is ready
 * when this returns. If a step fails, what was opened is closed.
 * @returns the refusal of the step that failed, in a sentence for the owner; a second gateway on a state directory is
 * refused with the other's pid.
 */
export async function startGateway(options: StartOptions): Promise<Result<Gateway>> {
  await using opened = new AsyncDisposableStack();
  try {
    const started = await start(options, opened);
    return started.ok ? ok(gatewayOf(started.value, opened.move(), options)) : started;
  } catch (error) {
    if (error instanceof StateError) return refuse("unavailable", error.message, { reason: error.code });
    throw error;
  }
}

interface Started {
  readonly listener: Listener;
  readonly stateDir: string;
  readonly config: ConfigStore;
  readonly core: Core;
  readonly log: GatewayLog;
}

async function start(options: StartOptions, opened: AsyncDisposableStack): Promise<Result<Started>> {
  const world: World = {
    nowMs: Date.now,
    newId: () => crypto.randomUUID(),
    ...options.world,
    env: options.env,
  };
  const stateDir = options.stateDir ?? stateDirOf(options.env);
  const log = opened.use(
    openLog({ ...options.log, nowMs: world.nowMs, level: options.log?.level ?? "info" }),
  );
  const observedMode = statSync(stateDir, { throwIfNoEntry: false })?.mode;
  const lock = await acquireInstanceLock(stateDir);
  if (!lock.ok) return lock;
  opened.use(lock.value);
  const inTheOpen = refusePlainCredentials(stateDir);
  if (inTheOpen !== undefined) return inTheOpen;
  // Before the configuration is read: an interrupted change may include it.
  const configPath = options.configPath ?? configPathOf(options.env);
  if (finishPendingChange(stateDir, [configPath])) log.target("state").info("finished an interrupted change");
  const config = await openConfig(options, log);
  if (!config.ok) return config;
  opened.use(config.value);
  const { config: settings } = config.value.current();
  const places = {
    stateDir,
    openStore: async () => {
      const { openCredentialStore } = await import("@carapace/secrets/credential-store");
      return await openCredentialStore({ env: options.env, stateDir, nowMs: world.nowMs });
    },
    warn: (message: string) => log.target("auth").warn(message),
  };
  await storeRestored(places);
  const credentials = await resolveCredentials({ ...places, snapshot: config.value.current() });
  if (!credentials.ok) return credentials;
  const bind = options.embedded ? "loopback" : options.bind;
  const address = chooseAddress({ port: options.port, bind }, settings);
  if (!address.ok) return address;
  const unknownHost = await refuseUnknownHost(address.value);
  if (unknownHost !== undefined) return unknownHost;

  const hub = opened.use(createHub({ nowMs: world.nowMs }));
  const metrics = createMetrics();
  const opening = createOpening();
  opened.defer(() => opening.fail());
  const facts: GatewayFacts = factsOf(world, stateDir);
  const health = createHealth({ startedAtMs: facts.startedAtMs, hub, log: log.target("state") });
  const gatewayLog = log.target("gateway");
  const parts = {
    address: address.value,
    credentials: credentials.value,
    config: config.value,
    world,
    hub,
    facts,
  };
  const csrf = createCsrf({
    nowMs: world.nowMs,
    randomBytes: (count) => crypto.getRandomValues(new Uint8Array(count)),
  });
  const listener = openPort({ ...parts, opening, csrf, metrics, health: health.now, log: gatewayLog });
  if (!listener.ok) return listener;
  opened.defer(() => listener.value.stop({ reason: "the gateway could not start", budgetMs: 0 }));
  await lock.value.announce(process.pid);
  follow(config.value, { options, log, world, secret: credentials.value.secret?.reveal() });

  // Loaded only now: the port answers while the database library and the assistant are being read.
  const { openCore } = await import("./compose/core.ts");
  const { providers, tools, fetchFile } = options;
  const coreOptions = {
    world,
    config: config.value,
    hub,
    log,
    facts,
    health,
    metrics,
    csrf,
    ...definedOnly({ providers, tools, fetchFile }),
    ...(credentials.value.secret && { credential: credentials.value.secret.reveal() }),
    ...(observedMode !== undefined && { observedMode: observedMode & 0o777 }),
    verifyAfterMs: options.times?.verifyAfterMs ?? usualTimes.verifyAfterMs,
  };
  const behind = await openCore(coreOptions, opened);
  if (!behind.ok) return behind;
  const core = behind.value;
  const serveRoutes = async () => {
    const snapshot = config.value.current();
    const routes = await core.routes(served(snapshot.config, options));
    // A change that came meanwhile brings its own.
    if (config.value.current() === snapshot) listener.value.serve(routes);
  };
  config.value.onChange(serveRoutes);
  await serveRoutes();
  opening.open(core);
  // Last of all: what the change brought is there when clients hear of it.
  config.value.onChange((_snapshot, { mode }) => hub.publish("config.changed", { mode, ts: world.nowMs() }));
  announce(listener.value, { log, stateDir, mode: credentials.value.mode });
  return ok({ listener: listener.value, stateDir, config: config.value, core, log });
}

function served(config: Config, { control }: StartOptions): Config {
  if (control === undefined) return config;
  return { ...config, gateway: { ...config.gateway, control: { ...config.gateway.control, enabled: true } } };
}

/** Nothing here reads them; they would only be copied along with the directory (cli.md §3.1). */
function refusePlainCredentials(stateDir: string): Refusal | undefined {
  const found = findPlainCredentials(stateDir);
  if (found.length === 0) return undefined;
  const shown = found.slice(0, 5).join(", ");
  const rest = found.length > 5 ? ` and ${found.length - 5} more` : "";
  const say =
    `logins of another program lie readable in ${shown}${rest}: move them out of ${stateDir} or remove them, and set ` +
    "what you need of them with cara secrets set";
  return refuse("forbidden", say);
}

async function openConfig({ env, configPath }: StartOptions, log: GatewayLog): Promise<Result<ConfigStore>> {
  const path = configPath === undefined ? {} : { path: configPath };
  const store = await openConfigStore({ env, ...path, watch: true });
  if (!store.ok) return store;
  log.setLook(store.value.current().config.logging);
  for (const issue of warningsOf(store.value.current().issues))
    log.target("config").warn(describeIssue(issue));
  return store;
}

function factsOf(world: World, stateDir: string): GatewayFacts {
  const { platform, arch } = process;
  return { version, startedAtMs: world.nowMs(), stateDir, platform, arch };
}

interface Following {
  readonly options: StartOptions;
  readonly log: GatewayLog;
  readonly world: World;
  readonly secret?: string | undefined;
}

/** Lets the log follow the configuration, now and after each reload. */
function follow(config: ConfigStore, { options, log, world, secret }: Following): void {
  const apply = () => {
    const { resolved, injected, config: settings } = config.current();
    const known = collectSecrets(resolved, world.env, injected);
    log.setSecrets(secret === undefined ? known : [...known, secret]);
    log.setLook(settings.logging);
    log.setLevel(options.log?.level ?? parseLogLevel(settings.logging.level) ?? "info");
  };
  apply();
  config.onRefused((refusal) => {
    log.target("config").error("the changed configuration is not used", { why: refusal.say });
  });
  config.onChange((_snapshot, report) => {
    apply();
    const { mode, applied, needsRestart, warnings } = report;
    log.target("config").info("configuration reloaded", { mode, applied, needsRestart });
    for (const warning of warnings) log.target("config").warn(warning);
  });
}

function announce(
  listener: Listener,
  { log, stateDir, mode }: { log: GatewayLog; stateDir: string; mode: string },
): void {
  const { hostname, port } = listener;
  const target = log.target("gateway");
  target.info("gateway ready", { url: socketUrl({ hostname, port }), version, stateDir, auth: mode });
  if (!isLoopbackBind(hostname)) {
    target.warn(
      "other machines can reach this gateway without encryption; put a TLS proxy or a tunnel in front of it",
    );
  }
}

function gatewayOf(started: Started, opened: AsyncDisposableStack, options: StartOptions): Gateway {
  const { listener, core, config, stateDir, log } = started;
  const { hostname, port } = listener;
  const closed = Promise.withResolvers<void>();
  const budgetMs = options.times?.drainBudgetMs ?? usualTimes.drainBudgetMs;
  let closing: Promise<void> | undefined;

  async function close(reason: string): Promise<void> {
    log.target("gateway").info("gateway stopping", { reason, runs: core.runs.size() });
    core.state.audit.record({ actor: "gateway", event: "gateway_stopped", data: { reason } });
    try {
      // Runs may let go for some seconds after their budget, so the listener is given more than they are.
      const drain = () => core.runs.close(budgetMs).finally(() => core.endStreams("gateway stopping"));
      await listener.stop({ reason, budgetMs: budgetMs + 4000, drain });
    } finally {
      await opened.disposeAsync();
      closed.resolve();
    }
  }

  return {
    url: socketUrl({ hostname, port }),
    hostname,
    port,
    stateDir,
    closed: closed.promise,
    models: { current: () => core.models.current() },
    reload: () => config.reload(),
    close(reason) {
      closing ??= close(reason);
      return closing;
    },
  };
}
