import { isSameSecret } from "../connection/credentials.ts";

/**
 * Whether a request carries the hooks token (http.md §4.5): as bearer, else as `X-Carapace-Token`. A wrong bearer is not
 * rescued by the other header; without a configured token nobody is let in.
 */
export function hasHooksToken(headers: Headers, expected: string | undefined): boolean {
  if (expected === undefined || expected.trim() === "") return false;
  const authorization = headers.get("authorization");
  const given = authorization?.startsWith("Bearer ")
    ? authorization.slice("Bearer ".length)
    : headers.get("x-carapace-token");
  return given !== null && isSameSecret(given.trim(), expected.trim());
}
