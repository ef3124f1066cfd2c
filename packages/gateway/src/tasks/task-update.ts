import type { Tool, ToolContext, ToolOutput } from "@carapace/agent";
import { defineTool, toolAnswer, toolFailure, toolLabel } from "@carapace/agent/tools";
import { isTrusted, mixOrigins, Origin } from "@carapace/protocol";
import { z } from "zod";
import { BlockedReason, type Decision, startOf, type TaskRecord } from "./record.ts";
import { decided } from "./rules.ts";
import type { TaskStore } from "./store.ts";

const description = `
Says how the task that this run carries out stands. A task whose run ends without a word counts as done, so use it when it is not:
- progress: keeps a note of where the work stands, for later runs of this task.
- continue: the work goes on in another run, at a time (at, ISO 8601) or after some seconds (afterSeconds). Use it to wait for something.
- blocked: you cannot go on without the owner or somebody else; say in note what is needed.
- done: the objective is reached; say in note what came of it.
- read: gives back the note, and what the task may still use.`;
const maxNote = 4000;
const note = z.string().trim().max(maxNote);
const name = "task_update";

const params = z.strictObject({
  status: z.enum(["progress", "continue", "blocked", "done", "read"]),
  note: note.optional(),
  at: z.iso.datetime({ offset: true }).optional(),
  afterSeconds: z
    .int()
    .min(1)
    .max(30 * 86_400)
    .optional(),
  reason: BlockedReason.exclude(["unknown"]).optional(),
});
type Params = z.infer<typeof params>;

/** The tool of a task's own run, and of no other (agent.md §12 *Better*). */
export function taskUpdate(taskId: string, { store }: { readonly store: TaskStore }): Tool {
  const keep = async (
    context: ToolContext,
    said: Pick<TaskRecord, "decision" | "checkpoint">,
  ): Promise<ToolOutput> => {
    const label = toolLabel(context, name);
    let late: string | undefined;
    const kept = await store.update(taskId, (task) => {
      late = tooLate(task, said.decision);
      return late === undefined ? decided(task, context.runId, said) : undefined;
    });
    if (late !== undefined) return toolFailure(late, label);
    return kept === undefined
      ? toolFailure("This run is not the task's any more: it was cancelled or changed.", label)
      : toolAnswer({ ok: true }, label);
  };
  return defineTool({
    name,
    description,
    effect: "idempotent",
    params,
    async run(said, context) {
      if (said.status === "read") return await readBack(taskId, { store, context });
      const reading = readSaid(said, context.nowMs());
      if (typeof reading === "string") return toolFailure(reading, toolLabel(context, name));
      const origin = mixOrigins("model", context.steeredBy, context.sessionKey);
      const checkpoint =
        said.note === undefined || said.note === "" || said.status === "done"
          ? {}
          : { checkpoint: { text: said.note, atMs: context.nowMs(), origin } };
      return await keep(context, { ...reading, ...checkpoint });
    },
  });
}

/** What it means for the task, or what is missing. */
function readSaid(
  { status, note: text = "", at, afterSeconds, reason }: Params,
  nowMs: number,
): { decision?: Decision } | string {
  switch (status) {
    case "progress":
      return text === "" ? "progress needs a note: where does the work stand?" : {};
    case "done":
      return text === ""
        ? "done needs a note: what came of it?"
        : { decision: { kind: "done", summary: text } };
    case "blocked": {
      if (text === "") return "blocked needs a note: what is needed, and from whom?";
      return { decision: { kind: "blocked", reason: reason ?? "operator_action_required", note: text } };
    }
    case "continue": {
      const atMs = afterSeconds === undefined ? at && Date.parse(at) : nowMs + afterSeconds * 1000;
      if (atMs === undefined || atMs === "")
        return "continue needs at or afterSeconds: when does the work go on?";
      return { decision: { kind: "continue", atMs, ...(text === "" ? {} : { note: text }) } };
    }
    case "read":
      return {};
  }
}

/** A time at which the task would only be given up: until then nobody would hear of it. */
function tooLate(task: TaskRecord, decision: Decision | undefined): string | undefined {
  const untilMs = startOf(task) + task.policy.maxTotalRuntimeMs;
  if (decision?.kind !== "continue" || decision.atMs <= untilMs) return undefined;
  return `The task may take until ${new Date(untilMs).toISOString()} (policy.maxTotalRuntimeMs): name an earlier time, or say blocked.`;
}

interface Reading {
  readonly store: TaskStore;
  readonly context: ToolContext;
}

/** The note comes back under the label it was written under: whatever could steer it then could be steering now. */
async function readBack(taskId: string, { store, context }: Reading): Promise<ToolOutput> {
  const task = await store.find(taskId);
  if (task === undefined) return toolFailure("The task is gone.", toolLabel(context, name));
  const { checkpoint, attempts, policy, usage } = task;
  const from = Origin.safeParse(checkpoint?.origin);
  const sources = checkpoint === undefined ? [] : [from.success ? from.data : { kind: "imported" as const }];
  const value = {
    attempt: attempts,
    note: checkpoint?.text ?? null,
    attemptsLeft: policy.maxAttempts - attempts,
    ...(policy.maxTokens === undefined
      ? {}
      : { tokensLeft: Math.max(0, policy.maxTokens - (usage?.tokens ?? 0)) }),
    ...(policy.maxCostUsd === undefined
      ? {}
      : { usdLeft: Math.max(0, policy.maxCostUsd - (usage?.costUsd ?? 0)) }),
  };
  const isPlain = sources.every(isTrusted);
  return toolAnswer(value, isPlain ? toolLabel(context, name) : mixOrigins("tool", sources, name));
}
