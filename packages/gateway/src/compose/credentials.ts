import { type ConfigSnapshot, resolveGatewayAuth, Secret } from "@carapace/config";
import { ensureLocalToken } from "@carapace/config/local-token";
import { ok, type Result } from "@carapace/protocol";
import type { Credentials } from "../connection/credentials.ts";

/**
 * How callers prove themselves, decided once at start (websocket.md §5): environment, then config; in token mode
 * without either, the machine's own token, which is made if there is none (decision 0002).
 */
export function resolveCredentials(snapshot: ConfigSnapshot, stateDir: string): Result<Credentials> {
  const auth = resolveGatewayAuth(snapshot);
  if (!auth.ok) return auth;
  const { mode } = auth.value;
  const { tailscale, auth: settings } = snapshot.config.gateway;
  const allowTailscale = settings.allowTailscale ?? (tailscale.mode === "serve" && mode !== "password");
  if (mode === "none") return ok({ mode, allowTailscale });
  const secret = auth.value[mode];
  if (secret !== undefined) return ok({ mode, secret, allowTailscale });
  if (mode === "password") return ok({ mode, allowTailscale });
  const local = ensureLocalToken(stateDir);
  return local.ok ? ok({ mode, secret: new Secret(local.value), allowTailscale }) : local;
}
