import { isLoopback } from "../providers/settings.ts";

/** A base URL as it is put before `/v1`: without trailing slashes and a last `/v1`. */
export function withoutVersion(baseUrl: string): string {
  return baseUrl.replace(/\/+$/, "").replace(/\/v1$/, "");
}

/** Whether an address leads to this machine. */
export function isThisMachine(baseUrl: string): boolean {
  return URL.canParse(baseUrl) && isLoopback(new URL(baseUrl));
}
