import { type Refusal, refuse } from "@carapace/protocol";
import type { Credentials } from "../connection/credentials.ts";
import { isLoopbackAddress } from "./peer.ts";

export interface Exposure {
  /** The address or name to listen on. */
  readonly hostname: string;
  readonly credentials: Credentials;
}

/**
 * Fails closed: an address other machines can reach needs a credential (http.md §2). Pure.
 * @returns the refusal, or undefined if the gateway may listen there.
 */
export function denyExposure({ hostname, credentials }: Exposure): Refusal | undefined {
  if (isLoopbackBind(hostname)) return undefined;
  if (credentials.mode !== "none" && credentials.secret !== undefined) return undefined;
  const missing =
    credentials.mode === "none" ? "gateway.auth.mode is none" : `no gateway ${credentials.mode} is set`;
  return refuse(
    "forbidden",
    `refusing to listen on ${hostname}: other machines can reach it and ${missing}; ` +
      "set gateway.auth.token or gateway.auth.password, or use gateway.bind loopback",
  );
}

/** Whether only this machine can reach the address; a name other than `localhost` counts as reachable. */
export function isLoopbackBind(hostname: string): boolean {
  const name = hostname.trim().toLowerCase();
  return name === "localhost" || isLoopbackAddress(name.replace(/^\[(.*)\]$/, "$1"));
}
