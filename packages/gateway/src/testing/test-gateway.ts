import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type ScriptedReply, scriptedProvider } from "@carapace/agent/testing";
import { readLocalToken } from "@carapace/config/local-token";
import { type Gateway, type StartOptions, startGateway } from "../compose.ts";
import { type LinkOptions, openLink, type TestLink } from "./link.ts";

export interface TestGatewayOptions extends Partial<StartOptions> {
  /** What a scripted model answers in place of `offline:basic`. */
  readonly replies?: readonly ScriptedReply[];
  /** The same as `times`, by the name that callers outside of this package still use. */
  readonly testing?: StartOptions["times"];
  /** The configuration file. */
  readonly config?: Readonly<Record<string, unknown>>;
  /** Kept when the gateway is disposed of; without, a temporary one that goes with it. */
  readonly stateDir?: string;
  /** Lays files into the state directory before the gateway starts. */
  readonly prepare?: (stateDir: string) => Promise<void>;
}

/** A whole gateway in a directory of its own, on a free port. */
export interface TestGateway extends AsyncDisposable {
  readonly gateway: Gateway;
  readonly token: string;
  readonly stateDir: string;
  /** Connects a client; closed with the gateway. */
  connect(options?: Partial<LinkOptions>): Promise<TestLink>;
}

/** Starts the real gateway for a test. @throws what it was refused with. */
export async function startTestGateway(options: TestGatewayOptions = {}): Promise<TestGateway> {
  await using opened = new AsyncDisposableStack();
  const { replies, providers = [], config, stateDir: given, env, testing, prepare, ...rest } = options;
  const stateDir = given ?? (await mkdtemp(join(tmpdir(), "carapace-gateway-")));
  if (given === undefined) opened.defer(() => rm(stateDir, { recursive: true, force: true }));
  if (config !== undefined)
    await writeFile(join(stateDir, "carapace.json"), JSON.stringify(config), { mode: 0o600 });
  await prepare?.(stateDir);
  const scripted = replies === undefined ? [] : [{ ...scriptedProvider(replies), id: "offline" }];
  const started = await startGateway({
    port: 0,
    ...rest,
    env: { CARAPACE_CREDENTIAL_STORE: "off", ...env, CARAPACE_STATE_DIR: stateDir, HOME: stateDir },
    times: { drainBudgetMs: 2000, ...testing, ...rest.times },
    providers: [...scripted, ...providers],
  });
  if (!started.ok) throw new Error(started.say);
  const gateway = started.value;
  opened.defer(() => gateway.close("test over"));
  const token = readLocalToken(stateDir);
  const secret = token.ok ? (token.value ?? "") : "";
  const closing = opened.move();
  return {
    gateway,
    token: secret,
    stateDir,
    connect: (link) => openLink(gateway.url, { token: secret, ...link }),
    [Symbol.asyncDispose]: () => closing.disposeAsync(),
  };
}
