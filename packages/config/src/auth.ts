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
  const token = secretOf(snapshot.lookup("CARAPACE_GATEWAY_TOKEN")) ?? auth.token;
  const password = secretOf(snapshot.lookup("CARAPACE_GATEWAY_PASSWORD")) ?? auth.password;
  const mode = auth.mode ?? (password ? "password" : "token");
  return ok({ mode, ...(token && { token }), ...(password && { password }) });
}

/** The same secrets for a caller, from a tree without a schema. */
export function callerSecrets(
  auth: { readonly token?: unknown; readonly password?: unknown },
  lookup: (name: string) => string | undefined,
): { token?: Secret; password?: Secret } {
  const token = secretOf(lookup("CARAPACE_GATEWAY_TOKEN")) ?? secretFrom(auth.token);
  const password = secretOf(lookup("CARAPACE_GATEWAY_PASSWORD")) ?? secretFrom(auth.password);
  return { ...(token && { token }), ...(password && { password }) };
}

function secretFrom(value: unknown): Secret | undefined {
  return typeof value === "string" ? secretOf(value) : undefined;
}
