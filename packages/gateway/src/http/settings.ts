import type { Config } from "@carapace/config";
import { type TrustedProxies, trustedProxies } from "./client-ip.ts";
import type { RateRules } from "./rate-limits.ts";

/** What the pipeline takes from the configuration; read again whenever that changes. */
export interface HttpSettings {
  readonly trusted: TrustedProxies;
  readonly rates: RateRules;
  /** Of one address. */
  readonly failedLoginsPerMinute: number;
}

export function httpSettings({ gateway }: Pick<Config, "gateway">): HttpSettings {
  const { rateLimits, trustedProxies: proxies } = gateway;
  const few = { perSecond: 5, burst: 10 };
  return {
    failedLoginsPerMinute: rateLimits.failedLoginsPerMinute,
    trusted: trustedProxies(proxies),
    rates: {
      isEnabled: rateLimits.enabled,
      prefixes: [
        { prefix: `${mountPath(gateway.hooks.path, "/hooks")}/`, rate: rateLimits.hooks },
        { prefix: "/tools/", rate: rateLimits.tools },
        { prefix: "/control/matrix/verifications/", rate: few },
        { prefix: "/control/matrix/verifications", rate: { perSecond: 60, burst: 120 } },
        { prefix: "/control/matrix/send-test", rate: few },
      ],
      rest: rateLimits.default,
    },
  };
}

/** A configured path as it is served: with a leading and no trailing slash; nothing at all is the fallback (http.md §1). */
function mountPath(configured: string, fallback: string): string {
  const path = configured
    .trim()
    .replace(/^(?!\/)/, "/")
    .replace(/\/$/, "");
  return path === "" ? fallback : path;
}
