import type { Gateway } from "@carapace/gateway";
import type { Result } from "@carapace/protocol";
import type { CliWorld } from "../world.ts";
import { gatewayHealth, httpGet } from "./http.ts";
import type { Settings } from "./settings.ts";
import { readTarget, type Target } from "./target.ts";

/** A gateway to talk to: one that runs already, or one in this process, which is closed with it. */
export interface ReachedGateway extends AsyncDisposable {
  readonly target: Target;
  readonly isOurs: boolean;
}

export interface ReachAsk {
  /** 0: any free port, so always a gateway of our own. */
  readonly port: number;
  readonly settings: Settings;
  readonly world: CliWorld;
  /** One that is started here serves its control API, whatever the configuration says of it. */
  readonly control?: true;
  /** How long one that is started here waits for running turns when it ends, instead of 25 s; the next one resumes them. */
  readonly drainBudgetMs?: number;
}

const probeTimeoutMs = 2000;
const pollMs = 100;
/** How long the one that keeps us from starting may take to begin, or to end. */
const patienceMs = 3000;

/**
 * Finds the gateway of this machine or starts one in this process (cli.md §2.8). Of several commands that start at
 * once, one gets to be the gateway and the others use it.
 */
export async function reachGateway(ask: ReachAsk): Promise<Result<ReachedGateway>> {
  const target = readTarget({ port: ask.port, host: undefined, tls: false, trust: false });
  if (!target.ok) return target;
  if (ask.port !== 0) {
    const found = await probe(target.value);
    if (found !== undefined) return found;
  }
  ask.world.out.note(
    `No gateway runs${ask.port === 0 ? "" : ` at ${target.value.address}`}: starting one in this process.`,
  );
  return await startOrFind(ask, target.value);
}

/** Another command may just be starting the gateway that keeps us from it, or one may be about to end. */
async function startOrFind(ask: ReachAsk, target: Target): Promise<Result<ReachedGateway>> {
  const { nowMs } = ask.world;
  for (const untilMs = nowMs() + patienceMs; ; await Bun.sleep(pollMs)) {
    const started = await startHere(ask);
    if (started.ok || ask.port === 0 || started.code !== "conflict") return started;
    const found = await probe(target);
    if (found?.ok === true) return found;
    if (nowMs() >= untilMs)
      return { ...started, say: `${started.say} A gateway on another port can be used with --port.` };
  }
}

/** @returns undefined if nothing listens there */
async function probe(target: Target): Promise<Result<ReachedGateway> | undefined> {
  const answer = await httpGet({ target, path: "/health", timeoutMs: probeTimeoutMs });
  if (gatewayHealth(answer) !== undefined) return { ok: true, value: running(target) };
  if (answer.kind === "unreachable" && answer.cause === "connection refused") return undefined;
  const what = answer.kind === "answer" ? `answered ${answer.status}` : answer.cause;
  const say = `another program uses port ${target.address.split(":").at(-1)} (${what}); choose another with --port`;
  return { ok: false, code: "conflict", say };
}

function running(target: Target): ReachedGateway {
  return { target, isOurs: false, [Symbol.asyncDispose]: async () => {} };
}

async function startHere(ask: ReachAsk): Promise<Result<ReachedGateway>> {
  const { forbidCoreDumps } = await import("../crash/core-dumps.ts");
  await forbidCoreDumps(process.platform);
  const { startGateway } = await import("@carapace/gateway");
  const started = await startGateway({
    env: ask.world.env,
    port: ask.port,
    bind: "loopback",
    embedded: true,
    ...(ask.control && { control: ask.control }),
    ...(ask.drainBudgetMs !== undefined && { times: { drainBudgetMs: ask.drainBudgetMs } }),
  });
  return started.ok ? ownGateway(started.value) : started;
}

function ownGateway(gateway: Gateway): Result<ReachedGateway> {
  const target = readTarget({ port: gateway.port, host: undefined, tls: false, trust: false });
  if (!target.ok) return target;
  const close = async (): Promise<void> => void (await gateway.close("cli-shutdown"));
  return { ok: true, value: { target: target.value, isOurs: true, [Symbol.asyncDispose]: close } };
}
