import { modelFamily, type SetupProvider } from "@carapace/config/setup";

/**
 * The provider whose models have names like this one (cli.md §3.10, step 3): `claude-…` is Anthropic's, `gpt-…` OpenAI's.
 * Ollama and NEAR AI have models of any name, and so no family. @param model without a prefix
 */
export function familyOf(model: string): SetupProvider["id"] | undefined {
  const family = modelFamily(model);
  return family === "offline" ? undefined : family;
}

/**
 * Whether a bare model may be taken for a provider without asking: it is of its family, or the provider has models of
 * any name. Of another family, or of none: the owner has to say so (step 3).
 */
export function fitsFamily(model: string, provider: SetupProvider["id"]): boolean {
  return anyName.includes(provider) || familyOf(model) === provider;
}

const anyName: readonly SetupProvider["id"][] = ["ollama"];
