import type { Block, Origin } from "@carapace/protocol";
import type { NewMessage } from "@carapace/state";
import { modelString } from "../agents/model-string.ts";
import { modelOrigin } from "../context/conversation.ts";
import type { Reply } from "./model-call.ts";
import type { Progress } from "./progress.ts";
import type { StepFacts } from "./step-facts.ts";

/**
 * The assistant message of one model call, as history keeps it: text first, then calls, if they are going to run.
 * @returns undefined when there is nothing to keep.
 */
export function stepMessage(
  progress: Progress,
  reply: Reply,
  facts: Pick<StepFacts, "interrupted" | "closing"> & { readonly withCalls: boolean },
): NewMessage | undefined {
  const model = modelString(reply.by?.model ?? progress.turn.agent.model);
  const calls = facts.withCalls ? reply.calls : [];
  const origin = modelOrigin(progress.steeredBy, model.slice(0, 255));
  const blocks = [...textBlocks(reply.text, origin), ...calls.map(plainCall)];
  if (blocks.length === 0) return undefined;
  const usage = reply.end.kind === "aborted" ? undefined : reply.end.usage;
  const invalidCalls = calls.filter((call) => call.invalid !== undefined).map((call) => call.id);
  const metadata: Record<string, unknown> = {
    model,
    ...attemptFact(progress),
    ...(usage === undefined ? {} : { usage }),
    ...(facts.interrupted === true ? { interrupted: true } : {}),
    ...(facts.closing === undefined ? {} : { closing: facts.closing }),
    ...(calls.length === 0 ? {} : { callOrigin: origin }),
    ...(invalidCalls.length === 0 ? {} : { invalidCalls }),
  };
  return {
    id: progress.deps.newId(),
    role: "assistant",
    blocks,
    createdAtMs: progress.deps.clock.nowMs(),
    runId: progress.turn.runId,
    ...(usage === undefined ? {} : { tokens: usage.outputTokens }),
    metadata,
  };
}

function textBlocks(text: string, origin: Origin): Block[] {
  return text.trim() === "" ? [] : [{ type: "text", text, origin }];
}

function plainCall({ id, name, input, metadata }: Reply["calls"][number]): Block {
  return { type: "tool_use", id, name, input, ...(metadata === undefined ? {} : { metadata }) };
}

/** Which beginning of the run it is: told of what it stores, so that the next one knows how far this one came. */
export function attemptFact({ run }: Pick<Progress, "run">): Pick<StepFacts, "attempt"> {
  return run.attempts > 1 ? { attempt: run.attempts } : {};
}
