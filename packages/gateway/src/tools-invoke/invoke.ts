import type { Tool, ToolContext, ToolOutput } from "@carapace/agent";
import { judgeCall } from "@carapace/agent/turn";
import { createRedactor, redactTree } from "@carapace/config/redaction";
import { isJson, type Json, type Origin, RunId } from "@carapace/protocol";
import { recordTool } from "../audit/tools.ts";
import { json } from "../http/json.ts";
import type { Visit } from "../http/route.ts";
import { endsWithin } from "../wait.ts";
import { type ToolCaller, toolCaller } from "./caller.ts";
import type { ToolsInvokeDeps } from "./deps.ts";
import { notAvailable, toolError, wrongRequest } from "./errors.ts";
import { readToolRequest, type ToolRequest } from "./read.ts";

const timeoutMs = 60_000;
const maxResultBytes = 1024 * 1024;

/** A caller with the service credential is the owner; the call itself is the approval of what it does. */
const owner: Origin = { kind: "owner", ref: "http" };

/** `POST /tools/invoke` (http.md §10): policy, arguments, audit as for a call of the agent itself. */
export async function invoke(visit: Visit, deps: ToolsInvokeDeps): Promise<Response> {
  const body = await visit.body();
  if (!body.ok) return body.response;
  const asked = readToolRequest(body.text());
  if ("wrong" in asked) return wrongRequest(asked.wrong);
  const caller = await toolCaller(asked.sessionKey, visit.request.headers, deps);
  if (!caller.ok) return toolError(caller.say);
  const { agent, sessionId } = caller.value;
  const call = { type: "tool_use", id: "http", name: asked.tool, input: inputOf(asked) } as const;
  const verdict = judgeCall(call, { tools: await deps.tools(), rights: agent });
  if (verdict.kind === "refuse") {
    const { policy } = verdict;
    if (policy !== undefined)
      recordTool(deps.state.audit, {
        decided: { kind: "denied", tool: asked.tool, policy },
        agent,
        run: { sessionId },
      });
    return verdict.isKnown && policy === undefined ? toolError(verdict.say) : notAvailable(asked.tool);
  }
  const { tool } = verdict;
  if (asked.dryRun) return json({ ok: true, result: { dryRun: true, tool: tool.name, effect: tool.effect } });
  recordTool(deps.state.audit, { decided: { kind: "executed", tool: tool.name }, agent, run: { sessionId } });
  return await run({ tool, run: verdict.run, caller: caller.value, signal: visit.signal }, deps);
}

function inputOf({ args }: ToolRequest): Json {
  return isJson(args) ? args : {};
}

interface Run {
  readonly tool: Tool;
  readonly run: (context: ToolContext) => Promise<ToolOutput>;
  readonly caller: ToolCaller;
  readonly signal: AbortSignal;
}

async function run({ tool, run: start, caller, signal }: Run, deps: ToolsInvokeDeps): Promise<Response> {
  const { world, state, toolContext } = deps;
  const limit = new AbortController();
  const context: ToolContext = {
    ...toolContext,
    agentId: caller.agent.agentId,
    sessionKey: caller.sessionKey,
    sessionId: caller.sessionId,
    runId: RunId.parse(`tools:${world.newId()}`),
    state,
    nowMs: world.nowMs,
    steeredBy: [owner],
    signal: AbortSignal.any([signal, limit.signal]),
  };
  try {
    const running = start(context);
    if (!(await endsWithin(timeoutMs, running, signal))) return toolError(unfinished(tool));
    return answerOf(await running, deps.secrets());
  } catch (fault) {
    const said = fault instanceof Error ? fault.message : String(fault);
    return toolError(createRedactor(deps.secrets())(`The tool failed: ${said}`).slice(0, 2000));
  } finally {
    limit.abort();
  }
}

function unfinished({ name, effect }: Tool): string {
  const unknown = effect === "read" ? "" : " Whether it had an effect is unknown.";
  return `The tool "${name}" did not end in time and was stopped.${unknown}`;
}

function answerOf({ value, isError }: ToolOutput, secrets: readonly string[]): Response {
  if (isError === true) {
    const clean = createRedactor(secrets);
    return toolError(clean(typeof value === "string" ? value : JSON.stringify(value)).slice(0, 2000));
  }
  const answer = JSON.stringify({ ok: true, result: redactTree(value, secrets) });
  if (Buffer.byteLength(answer) > maxResultBytes)
    return toolError("The result has more than 1 MiB: ask for less at a time.");
  return new Response(answer, { headers: { "Content-Type": "application/json" } });
}
