import { ok } from "@carapace/protocol";
import { freshTokenOf, readProfile } from "./credential.ts";
import type { VendorDefinition } from "./vendor.ts";
import { whenAsked } from "./when-asked.ts";

const label = "Codex";
const path = "codex.authProfile";

/** OpenAI's models, paid by a ChatGPT subscription (agent.md §3, §4.2). */
export const codex: VendorDefinition = {
  howToSetUp: `${label} is not set up: sign in with: cara setup --merge --provider codex`,
  headerTimeoutMs: 120_000,
  read: (source) => {
    const profile = readProfile(source, { path, label });
    if (profile === undefined || "absentBecause" in profile) return ok(profile);
    return ok({
      create: (deps) =>
        whenAsked("codex", async () => {
          const { createCodexProvider } = await import("./codex-provider.ts");
          return createCodexProvider({ token: freshTokenOf(profile, "openai", deps.signIns) }, deps);
        }),
      fingerprint: ["profile", profile.text],
      defaultModel: () => ok("codex:default"),
    });
  },
};
