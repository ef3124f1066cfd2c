import type { GatewayConnection } from "@carapace/client";
import { type Refusal, type Result, refuse } from "@carapace/protocol/failures";
import { version } from "@carapace/protocol/version";
import type { Credentials, Settings } from "./settings.ts";
import type { Target } from "./target.ts";

export interface ConnectionAsk {
  readonly target: Target;
  readonly scopes: readonly string[];
  readonly settings: Settings;
  /** The owner allows credentials to travel unencrypted to another machine. */
  readonly allowPlaintext: boolean;
  readonly note: (line: string) => void;
  /** Ends the handshake. */
  readonly signal?: AbortSignal;
}

/** Opens a WebSocket connection as the command line's own device (cli.md §2.4). */
export async function openConnection(ask: ConnectionAsk): Promise<Result<GatewayConnection>> {
  const { target, settings } = ask;
  const exposed = refusePlaintext(ask);
  if (exposed !== undefined) return exposed;
  const credentials = await settings.credentials();
  const auth = authFor(credentials, target);
  const { connect, openDeviceIdentity } = await import("@carapace/client");
  const { deviceIdentityPath: path, isIdentityStrict: isStrict } = settings;
  const connected = await connect({
    url: target.wsUrl,
    client: { id: "cli", mode: "cli", version, platform: process.platform },
    scopes: ask.scopes,
    identity: async () =>
      await openDeviceIdentity({ path, isStrict, store: await settings.credentialStore(), warn: ask.note }),
    ...(auth === undefined ? {} : { auth }),
    openSocket: (url) => openSocket(url, target),
    ...(ask.signal === undefined ? {} : { signal: ask.signal }),
  });
  // Where nothing answers, credentials are no news.
  if (auth === undefined && (connected.ok || connected.code !== "unavailable"))
    ask.note("No gateway token or password is set: tried without one.");
  const isStranger =
    !connected.ok && connected.code === "unauthorized" && credentials.source !== "configured";
  return isStranger && target.isLoopback ? strangersGateway(target, settings) : connected;
}

/** This machine's own token fits the gateway that was started with the same state directory, and no other. */
function strangersGateway({ address }: Target, { stateDir }: Settings): Refusal {
  const say =
    `the gateway at ${address} does not belong to ${stateDir}: it was started by another user or with another ` +
    "CARAPACE_STATE_DIR. Choose another with --port, or set CARAPACE_GATEWAY_TOKEN to its token";
  return refuse("unauthorized", say);
}

function openSocket(url: string, target: Target): WebSocket {
  return target.acceptsAnyCertificate
    ? new WebSocket(url, { tls: { rejectUnauthorized: false } })
    : new WebSocket(url);
}

/** The token this machine made for itself is nobody else's business. */
function authFor(
  credentials: Credentials,
  target: Target,
): { token?: string; password?: string } | undefined {
  if (credentials.source === "none" || (credentials.source === "local" && !target.isLoopback))
    return undefined;
  const { source, ...auth } = credentials;
  return auth;
}

function refusePlaintext(ask: ConnectionAsk): Refusal | undefined {
  const { isLoopback, isEncrypted, address } = ask.target;
  if (isLoopback || isEncrypted) return undefined;
  if (!ask.allowPlaintext) {
    const say = `${address} is another machine: use --tls, or --allow-plaintext to send credentials unencrypted`;
    return refuse("forbidden", say);
  }
  ask.note("Warning: credentials and messages travel unencrypted");
  return undefined;
}
