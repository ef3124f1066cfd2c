import type { LiveCheckDeps, LiveCheckRequest, LiveCheckResult } from "./types.ts";

/**
 * Asks a provider whether what is set up works: its key is taken, its models are there (cli.md §3.10). Costs nothing but
 * a request. Never throws; ends soon after the signal fires, as a skip.
 */
export async function liveCheck(request: LiveCheckRequest, deps: LiveCheckDeps): Promise<LiveCheckResult> {
  switch (request.provider) {
    case "anthropic":
    case "openai":
    case "nearai":
    case "venice":
      return (await import("./model-lists.ts")).checkKey(request, deps);
    case "gemini":
      return (await import("./gemini.ts")).checkGemini(request, deps);
    case "ollama":
      return (await import("./ollama.ts")).checkOllama(request, deps);
    case "bedrock":
      return (await import("./bedrock.ts")).checkBedrock(request, deps);
    case "vertex":
      return (await import("./vertex.ts")).checkVertex(request, deps);
    case "claude-cli":
      return (await import("./claude-cli.ts")).checkClaudeCli(request, deps);
  }
}
