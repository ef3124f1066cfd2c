import { keyOrSignIn } from "./key-or-sign-in.ts";

/** Google's Gemini API, with an API key or a sign-in. */
export const gemini = keyOrSignIn("gemini", async (account, deps) =>
  (await import("./gemini-provider.ts")).createGeminiProvider(account, deps),
);
