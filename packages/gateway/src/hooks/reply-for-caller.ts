import { type Block, isTrusted, type Origin } from "@carapace/protocol";
import type { Run, State } from "@carapace/state";

/** Whose configuration an instruction of a mapping stands in; no secret to those who call it. */
export const instructionsOrigin: Origin = { kind: "owner", ref: "gateway.hooks.mappings" };

/** Tools whose results hold nothing of the owner's. */
const impersonal: ReadonlySet<string> = new Set(["time", "current_time", "math_eval", "web_fetch"]);

const pageSize = 200;

/**
 * Whether a reply may be told to the caller of the hook that asked for it. Whoever calls may say something to the
 * assistant, and choose the conversation; he is not let into what the owner or others said there, or into notes and
 * other conversations. Decided by labels: by what the model could read when it answered, not by what it wrote.
 */
export async function mayHear(
  { input, sessionId }: Pick<Run, "input" | "sessionId">,
  sessions: Pick<State["sessions"], "history" | "compaction">,
): Promise<boolean> {
  // The configuration says that this caller's word is the owner's.
  if (input.blocks.every((block) => block.type === "text" && isTrusted(block.origin))) return true;
  const compaction = await sessions.compaction(sessionId);
  if (compaction?.summary.some(isPrivate)) return false;
  let beforeSeq: number | undefined;
  for (;;) {
    const range = { limit: pageSize, afterSeq: compaction?.throughSeq ?? 0 };
    const page = await sessions.history(sessionId, beforeSeq === undefined ? range : { ...range, beforeSeq });
    if (page.some(({ role, blocks }) => role !== "assistant" && blocks.some(isPrivate))) return false;
    beforeSeq = page[0]?.seq;
    if (page.length < pageSize || beforeSeq === undefined) return true;
  }
}

function isPrivate(block: Block): boolean {
  if (block.type === "tool_use") return false;
  if (block.type === "tool_result") return !impersonal.has(block.name);
  const { kind, ref, from = [] } = block.origin;
  if (kind === instructionsOrigin.kind && ref === instructionsOrigin.ref) return false;
  return ![kind, ...from].every((one) => one === "hook" || one === "system" || one === "model");
}
