import type { SetupProvider } from "@carapace/config/setup";
import { controlBodies, type ProviderStatus } from "@carapace/protocol";
import { json } from "../../http/json.ts";
import type { Route } from "../../http/route.ts";
import { assess } from "./assess.ts";
import { isGiven, type ProviderFacts } from "./facts.ts";
import { onboardingProviders, signsOf, waysOf } from "./table.ts";

/** GET `/control/onboarding/status` (http.md §12.4). */
export function onboardingRoute(facts: () => ProviderFacts): Route {
  return {
    ...{ method: "GET", path: "/control/onboarding/status", family: "control" },
    doc: {
      summary: "Say of each provider whether it is set up, what is missing, and what to do",
      tag: "control",
      get answers() {
        return { 200: { say: "The providers, in a fixed order.", schema: controlBodies.onboarding } };
      },
    },
    handle: async () => {
      const known = facts();
      const providers = await Promise.all(onboardingProviders.map((one) => statusOf(one, known)));
      return json({ ok: true, providers });
    },
  };
}

/** One provider as the status tells it. */
export async function statusOf(provider: SetupProvider, facts: ProviderFacts): Promise<ProviderStatus> {
  const { id, label } = provider;
  const configured = signsOf(provider).some((sign) => isGiven(sign, facts.snapshot));
  return {
    ...{ provider: id, label, configured, ...waysOf(provider) },
    ...(configured ? { assessment: await assess(provider, facts) } : {}),
  };
}
