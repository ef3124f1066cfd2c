import { ok, type Result, refuse } from "@carapace/protocol";
import { trustedProxies } from "../../http/client-ip.ts";
import type { Visit } from "../../http/route.ts";

/** What says where a browser finds this gateway, in the order in which it counts. */
export interface RedirectSources {
  /** `redirectBaseUrl` of the request. */
  readonly given?: string | undefined;
  /** `auth.profiles.redirectBaseUrl`. */
  readonly configured?: string | undefined;
  readonly visit: Pick<Visit, "request" | "peer" | "isSecure">;
  /** `gateway.trustedProxies`. */
  readonly trusted: readonly string[];
}

/** Pure. The origin a browser comes back to after a sign-in (http.md §12.4). */
export function redirectBase({ given, configured, visit, trusted }: RedirectSources): Result<string> {
  const named = given?.trim() || configured;
  if (named)
    return (
      originOf(named) ?? refuse("invalid_request", "redirectBaseUrl must be a bare http or https origin")
    );
  const { headers } = visit.request;
  const host = headers.get("x-forwarded-host");
  const scheme = headers.get("x-forwarded-proto");
  if (host === null && scheme === null) return ownOrigin(visit);
  if (!trustedProxies(trusted).has(visit.peer.ip))
    return refuse(
      "invalid_request",
      "forwarding headers came from an address that gateway.trustedProxies does not name",
    );
  const base = `${first(scheme) ?? ""}://${first(host) ?? headers.get("host") ?? ""}`;
  return originOf(base) ?? refuse("invalid_request", "the proxy does not say by which address it is reached");
}

function ownOrigin({ request, isSecure }: RedirectSources["visit"]): Result<string> {
  const host = request.headers.get("host");
  // Behind a proxy that ends TLS only the page knows how it was reached.
  const page = URL.parse(request.headers.get("origin") ?? "");
  const scheme = page === null ? (isSecure ? "https:" : "http:") : page.protocol;
  const base = host === null ? undefined : originOf(`${scheme}//${host}`);
  return (
    base ??
    refuse("invalid_request", "send redirectBaseUrl: the address by which a browser reaches this gateway")
  );
}

/** @returns undefined for anything but a bare origin: no path, query, fragment, name or password */
function originOf(text: string): Result<string> | undefined {
  const url = URL.parse(text);
  const isWeb = url?.protocol === "https:" || url?.protocol === "http:";
  const isBare = isWeb && /^https?:\/\/[^/?#@\\\s]+\/?$/i.test(text) && url.hostname !== "";
  return isBare ? ok(url.origin) : undefined;
}

function first(header: string | null): string | undefined {
  return header?.split(",")[0]?.trim() || undefined;
}
