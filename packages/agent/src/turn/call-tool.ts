import { redactText } from "@carapace/config/redaction";
import { mixOrigins, type Origin, type ToolResultBlock } from "@carapace/protocol";
import type { Tool, ToolContext, ToolDecision, ToolOutput } from "../types.ts";
import type { StreamedCall } from "./model-call.ts";
import { maxResultBytes, resultText } from "./result-text.ts";
import { foldName, isToolAllowed, isToolOffered, type ToolRights } from "./tool-policy.ts";

export interface ToolDesk {
  readonly tools: readonly Tool[];
  readonly rights: ToolRights;
  readonly context: ToolContext;
  /** For one call. */
  readonly timeoutMs: number;
  /** Durable before a `once` tool runs. */
  readonly onStart: (call: StreamedCall) => Promise<void>;
  /** A call was carried out, or its policy refused it. Contract: must not throw. */
  readonly onDecided?: ((decided: ToolDecision) => void) | undefined;
}

/** What is to be done with a call: decided before anything runs. */
export type Verdict =
  | {
      readonly kind: "run";
      readonly call: StreamedCall;
      readonly tool: Tool;
      readonly run: (context: ToolContext) => Promise<ToolOutput>;
    }
  | {
      readonly kind: "refuse";
      readonly call: StreamedCall;
      readonly say: string;
      /** Set if a policy refused it, rather than that it could not be carried out. */
      readonly policy?: string;
      /** Whether there is such a tool. */
      readonly isKnown: boolean;
    };

/** Pure. Policy first, then whether there is such a tool, then its arguments (agent.md §7.5, §8.2, §9.1 *Fix*). */
export function judgeCall(call: StreamedCall, desk: Pick<ToolDesk, "tools" | "rights">): Verdict {
  if (!isToolAllowed(call.name, desk.rights.tools)) return denial(call, call.name, desk.rights.tools.policy);
  const tool = findTool(call.name, desk.tools);
  if (tool === undefined)
    return { kind: "refuse", call, say: `There is no tool "${call.name}".`, isKnown: false };
  // The model may have spelt an allowed name so that it finds a tool which the policy names otherwise.
  if (!isToolAllowed(tool.name, desk.rights.tools)) return denial(call, tool.name, desk.rights.tools.policy);
  if (!isToolOffered(tool, desk.rights)) return denial(call, tool.name, "exfiltration-guard");
  if (call.invalid !== undefined)
    return refusal(call, "The arguments were not valid JSON. Send the call again, complete.");
  const parsed = tool.parse(call.input);
  if (!parsed.ok) return refusal(call, `The arguments do not fit: ${parsed.say}`);
  return { kind: "run", call, tool, run: parsed.run };
}

/** Runs one judged call. Never throws except for a fault of the journal; whatever else goes wrong is an error result. */
export async function performCall(verdict: Verdict, desk: ToolDesk): Promise<ToolResultBlock> {
  const { call } = verdict;
  if (verdict.kind === "refuse") {
    const { policy } = verdict;
    if (policy !== undefined) desk.onDecided?.({ kind: "denied", tool: call.name, policy });
    return errorResult(call, verdict.say, desk.context.steeredBy);
  }
  if (desk.context.signal.aborted) return errorResult(call, cancelled, desk.context.steeredBy);
  if (verdict.tool.effect === "once") await desk.onStart(call);
  desk.onDecided?.({ kind: "executed", tool: verdict.tool.name });
  const limit = new AbortController();
  const stop = () => limit.abort();
  const late = Promise.withResolvers<"late">();
  const timer = setTimeout(() => late.resolve("late"), desk.timeoutMs);
  const aborted = Promise.withResolvers<"aborted">();
  const onAbort = () => aborted.resolve("aborted");
  desk.context.signal.addEventListener("abort", onAbort, { once: true });
  try {
    const running = verdict.run({ ...desk.context, signal: limit.signal });
    const outcome = await Promise.race([running, late.promise, aborted.promise]);
    if (outcome === "late")
      return errorResult(call, tooSlow(verdict.tool, desk.timeoutMs), desk.context.steeredBy);
    if (outcome === "aborted") return errorResult(call, cancelled, desk.context.steeredBy);
    const isError = outcome.isError === true;
    return result(call, { content: resultText(outcome.value, isError), isError, origin: outcome.origin });
  } catch (fault) {
    const say = redactText(fault instanceof Error ? fault.message : String(fault)).slice(0, maxResultBytes);
    return errorResult(call, resultText(`The tool failed: ${say}`, true), desk.context.steeredBy);
  } finally {
    clearTimeout(timer);
    desk.context.signal.removeEventListener("abort", onAbort);
    stop();
  }
}

const cancelled = "Cancelled before it was done.";

function tooSlow(tool: Tool, timeoutMs: number): string {
  const unknown = tool.effect === "read" ? "" : " Whether it had an effect is unknown.";
  return `The tool "${tool.name}" took longer than ${Math.round(timeoutMs / 1000)} s and was stopped.${unknown}`;
}

/** The result of a call that gave none, in the loop's own words; the name in it is the model's, hence the label. */
export function errorResult(call: StreamedCall, say: string, steeredBy: readonly Origin[]): ToolResultBlock {
  return result(call, {
    content: say,
    isError: true,
    origin: mixOrigins("tool", steeredBy, call.name.slice(0, 255)),
  });
}

function result(
  call: StreamedCall,
  rest: Pick<ToolResultBlock, "content" | "isError" | "origin">,
): ToolResultBlock {
  return { type: "tool_result", toolUseId: call.id, name: call.name, ...rest };
}

function refusal(call: StreamedCall, say: string): Verdict {
  return { kind: "refuse", call, say, isKnown: true };
}

function denial(call: StreamedCall, name: string, policy: string): Verdict {
  return {
    kind: "refuse",
    call,
    say: `The tool "${name}" is not allowed for this agent.`,
    policy,
    isKnown: true,
  };
}

/** Exact name first, then without regard to case (agent.md §9.1). */
function findTool(name: string, tools: readonly Tool[]): Tool | undefined {
  return (
    tools.find((tool) => tool.name === name) ?? tools.find((tool) => foldName(tool.name) === foldName(name))
  );
}
