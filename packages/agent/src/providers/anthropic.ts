import { keyOrSignIn } from "./key-or-sign-in.ts";

/** An Anthropic account, with an API key or a setup token. */
export const anthropic = keyOrSignIn("anthropic", async (account, deps) =>
  (await import("./anthropic-provider.ts")).createAnthropicProvider(account, deps),
);
