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
}

/** Opens a WebSocket connection as the command line's own device (cli.md §2.4). */
export async function openConnection(ask: ConnectionAsk): Promise<Result<GatewayConnection>> {
  const { target, settings } = ask;
  const exposed = refusePlaintext(ask);
  if (exposed !== undefined) return exposed;
  const auth = authFor(settings.credentials(), target);
  if (auth === undefined) ask.note("No gateway token or password is set: trying without one.");
  const { connect, openDeviceIdentity } = await import("@carapace/client");
  const identity = await openDeviceIdentity(settings.deviceIdentityPath);
  if (!identity.ok) return identity;
  return await connect({
    url: target.wsUrl,
    client: { id: "cli", mode: "cli", version, platform: process.platform },
    scopes: ask.scopes,
    identity: identity.value,
    ...(auth === undefined ? {} : { auth }),
    openSocket: (url) => openSocket(url, target),
  });
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
