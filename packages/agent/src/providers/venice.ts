import { isRecord } from "@carapace/protocol";
import { compatible } from "./compatible.ts";

/** A Venice account; it has its own name for the limit, and takes parameters of its own (agent.md §4.2). */
export const venice = compatible("venice", ({ maxTokens, extra }) => ({
  max_completion_tokens: maxTokens,
  ...(isRecord(extra) ? { venice_parameters: extra } : {}),
}));
