import type { Config } from "@carapace/config";
import { hooksBase } from "../hooks/hooks-base.ts";
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
        { prefix: `${hooksBase(gateway.hooks.path)}/`, rate: rateLimits.hooks },
        { prefix: "/tools/", rate: rateLimits.tools },
        { prefix: "/control/matrix/verifications/", rate: few },
        { prefix: "/control/matrix/verifications", rate: { perSecond: 60, burst: 120 } },
        { prefix: "/control/matrix/send-test", rate: few },
      ],
      rest: rateLimits.default,
    },
  };
}
