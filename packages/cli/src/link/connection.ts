import type { GatewayConnection } from "@carapace/client";
import { isRecord, type Refusal, type Result } from "@carapace/protocol";
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
  const { connect, loadDeviceIdentity } = await import("@carapace/client");
  const identity = await loadDeviceIdentity(settings.deviceIdentityPath);
  if (!identity.ok) return identity;
  const connection = await connect({
    url: target.wsUrl,
    client: { id: "cli", mode: "cli", version, platform: process.platform },
    role: "operator",
    scopes: ask.scopes,
    identity: identity.value,
    ...(auth === undefined ? {} : { auth }),
    ...(target.acceptsAnyCertificate ? { acceptAnyCertificate: true } : {}),
  });
  return connection.ok ? connection : explained(connection, target);
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
    return { ok: false, code: "forbidden", say };
  }
  ask.note("Warning: credentials and messages travel unencrypted");
  return undefined;
}

/** Adds to a refused handshake what the owner can do about it. */
function explained(refusal: Refusal, target: Target): Refusal {
  if (refusal.say.includes("pairing required")) {
    const id = requestIdOf(refusal.details);
    const which = id === undefined ? "" : ` (request ${id})`;
    return {
      ...refusal,
      say: `this machine is not paired with ${target.address}: approve it in the control page${which}`,
    };
  }
  if (refusal.say.includes("device identity required")) {
    return { ...refusal, say: `${refusal.say}; set gateway.auth.token, or use the control page` };
  }
  return refusal;
}

/** Gateways put it at either depth (websocket.md §3.2). */
function requestIdOf(details: unknown): string | undefined {
  if (!isRecord(details)) return undefined;
  if (typeof details["requestId"] === "string") return details["requestId"];
  return requestIdOf(details["details"]);
}
