export { liveCheck } from "./live-check.ts";
export { listOllamaModels } from "./ollama.ts";
export type { LiveCheckRequest } from "./types.ts";
