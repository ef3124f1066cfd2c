import type { ConfigStore } from "@carapace/config";
import type { State } from "@carapace/state";
import type { SignIns } from "../../models/sign-ins.ts";
import type { World } from "../../types.ts";
import type { ProviderFacts } from "./facts.ts";

/** What setting providers up over HTTP needs. */
export interface OnboardingDeps {
  readonly config: Pick<ConfigStore, "current" | "reload">;
  readonly world: World;
  readonly state: { readonly audit: Pick<State["audit"], "append"> };
  readonly signIns: SignIns;
  readonly facts: () => ProviderFacts;
}
