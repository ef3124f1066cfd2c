import { controlBodies, type ProviderStatus } from "@carapace/protocol";
import { json } from "../../http/json.ts";
import type { Route } from "../../http/route.ts";
import { assess, isConfigured } from "./assess.ts";
import type { ProviderFacts } from "./facts.ts";
import { type OnboardingEntry, onboardingTable, waysOf } from "./table.ts";

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
      const providers = await Promise.all(onboardingTable.map((entry) => statusOf(entry, known)));
      return json({ ok: true, providers });
    },
  };
}

/** One provider as the status tells it. */
export async function statusOf(entry: OnboardingEntry, facts: ProviderFacts): Promise<ProviderStatus> {
  const { provider, label } = entry;
  const configured = isConfigured(entry, facts);
  return {
    ...{ provider, label, configured, ...waysOf(entry) },
    ...(configured ? { assessment: await assess(entry, facts) } : {}),
  };
}
