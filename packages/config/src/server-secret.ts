import { Secret } from "./secret.ts";
import type { Environment } from "./types.ts";

/** `CARAPACE_SERVER_SECRET`: keys the sidecars of the reference's files before any credential does (state.md §3.9). */
export function serverSecret(env: Environment): Secret | undefined {
  const text = env["CARAPACE_SERVER_SECRET"];
  return text ? new Secret(text) : undefined;
}
