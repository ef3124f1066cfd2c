import { type ConfigSnapshot, resolveGatewayAuth, Secret } from "@carapace/config";
import { ensureLocalToken } from "@carapace/config/local-token";
import { ok, type Result } from "@carapace/protocol";
import type { CredentialStore } from "@carapace/secrets";
import type { Credentials } from "../connection/credentials.ts";

/** What the environment and the configuration say. */
type GatewayAuth = Extract<ReturnType<typeof resolveGatewayAuth>, { ok: true }>["value"];

/** Where the gateway looks for its own credential. */
export interface CredentialPlaces {
  readonly snapshot: ConfigSnapshot;
  readonly stateDir: string;
  /** Opened only if neither the environment nor the configuration says a credential. */
  readonly openStore: () => Promise<CredentialStore>;
  readonly warn: (message: string) => void;
}

/**
 * How callers prove themselves, over WebSocket and HTTP, decided once at start (websocket.md §5): environment, then
 * config, then the credential store; in token mode without any, the machine's own token, which is made if there is
 * none (decision 0002).
 */
export async function resolveCredentials(places: CredentialPlaces): Promise<Result<Credentials>> {
  const { snapshot, stateDir } = places;
  const configured = resolveGatewayAuth(snapshot);
  if (!configured.ok) return configured;
  const auth = await withStored(configured.value, places);
  const { mode } = auth;
  const { tailscale, auth: settings } = snapshot.config.gateway;
  const allowTailscale = settings.allowTailscale ?? (tailscale.mode === "serve" && mode !== "password");
  if (mode === "none") return ok({ mode, allowTailscale });
  const secret = auth[mode];
  if (secret !== undefined) return ok({ mode, secret, allowTailscale });
  if (mode === "password") return ok({ mode, allowTailscale });
  const local = ensureLocalToken(stateDir);
  return local.ok ? ok({ mode, secret: new Secret(local.value), allowTailscale }) : local;
}

/** What the credential store adds: the secret of the mode, and where no mode is set, the mode of what it holds. */
async function withStored(auth: GatewayAuth, places: CredentialPlaces): Promise<GatewayAuth> {
  if (auth.mode === "none" || auth[auth.mode] !== undefined) return auth;
  const isOpen = places.snapshot.config.gateway.auth.mode === undefined;
  const { storedGatewaySecrets } = await import("@carapace/config/stored-secrets");
  const wanted = isOpen ? (["password", "token"] as const) : ([auth.mode] as const);
  const { trouble, ...stored } = await storedGatewaySecrets(await places.openStore(), wanted);
  if (trouble !== undefined) places.warn(`the gateway's ${auth.mode} in the credential store: ${trouble}`);
  return { ...stored, mode: isOpen && stored.password !== undefined ? "password" : auth.mode };
}
