export { liveCheck } from "./live-check.ts";
export { listOllamaModels } from "./ollama.ts";
export type { LiveCheckDeps, LiveCheckRequest, LiveCheckResult, LiveCredential } from "./types.ts";
