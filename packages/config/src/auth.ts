import { ok, type Result, refuse } from "@carapace/protocol/failures";
import { type Secret, secretOf } from "./secret.ts";
import type { ConfigSnapshot } from "./types.ts";

/** Who may call the gateway (websocket.md §5). */
export interface GatewayAuth {
  readonly mode: "none" | "token" | "password";
  readonly token?: Secret;
  readonly password?: Secret;
}

/**
 * The gateway's credentials: `CARAPACE_GATEWAY_TOKEN` / `_PASSWORD`, else `gateway.auth` (cli.md §2.2). Without a
 * mode it is password if one is set, else token; with the mode's secret missing, nobody is let in.
 * @returns `invalid_request` if the mode is none of the known ones: never a weaker one in its place.
 */
export function resolveGatewayAuth(
  snapshot: Pick<ConfigSnapshot, "config" | "issues" | "lookup">,
): Result<GatewayAuth> {
  const wrong = snapshot.issues.find(
    (issue) => issue.severity === "error" && issue.path.startsWith(".gateway.auth"),
  );
  if (wrong) return refuse("invalid_request", `${wrong.path.slice(1)} ${wrong.message}`);
  const { auth } = snapshot.config.gateway;
  const secrets = gatewaySecrets(snapshot.lookup, auth);
  return ok({ mode: auth.mode ?? (secrets.password ? "password" : "token"), ...secrets });
}

interface GatewaySecrets {
  readonly token?: Secret | undefined;
  readonly password?: Secret | undefined;
}

/** The environment's secrets before those of the file, for the gateway and for its callers. */
export function gatewaySecrets(
  lookup: (name: string) => string | undefined,
  file: GatewaySecrets,
): { token?: Secret; password?: Secret } {
  const token = secretOf(lookup("CARAPACE_GATEWAY_TOKEN")) ?? file.token;
  const password = secretOf(lookup("CARAPACE_GATEWAY_PASSWORD")) ?? file.password;
  return { ...(token && { token }), ...(password && { password }) };
}
