import { controlBodies, type ProviderStatus } from "@carapace/protocol";
import { json } from "../../http/json.ts";
import type { Route } from "../../http/route.ts";
import { assess, isConfigured, type ProviderFacts } from "./assess.ts";
import { type OnboardingEntry, onboardingTable } from "./table.ts";

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
    handle: () => {
      const known = facts();
      return json({ ok: true, providers: onboardingTable.map((entry) => statusOf(entry, known)) });
    },
  };
}

function statusOf(entry: OnboardingEntry, facts: ProviderFacts): ProviderStatus {
  const { provider, label, setUp } = entry;
  const configured = isConfigured(entry, facts);
  return {
    ...{ provider, label, configured },
    ...waysOf(setUp),
    ...(configured ? { assessment: assess(entry, facts) } : {}),
  };
}

/** Only ways that exist: nobody should be sent to a command or a page that is not there. */
function waysOf(setUp: OnboardingEntry["setUp"]) {
  if (setUp === undefined) return { supportedAuthModes: [], availableEntrypoints: [] };
  const { authMode, command } = setUp;
  return {
    supportedAuthModes: [authMode],
    availableEntrypoints: [{ kind: "cli" as const, authMode, command }],
    cliSetupCommand: command,
  };
}
