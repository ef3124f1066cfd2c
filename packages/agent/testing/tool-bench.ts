import { type Origin, RunId, SessionKey } from "@carapace/protocol";
import type { State } from "@carapace/state";
import { temporaryState } from "@carapace/state/testing";
import type { Tool, ToolContext, ToolOutput } from "../src/types.ts";
import { callTool } from "./tools.ts";

export interface ToolBench extends AsyncDisposable {
  readonly state: State;
  /** Of the agent "default", steered by the owner alone. */
  readonly context: ToolContext;
  /** Calls a tool as the loop would once the arguments fit. */
  call(tool: Tool, input: unknown, overrides?: Partial<ToolContext>): Promise<ToolOutput>;
}

/** What a tool works with, over a real, temporary state; the clock stands at 2026-11-22T12:00:00Z. */
export async function toolBench(): Promise<ToolBench> {
  const fixture = await temporaryState();
  const owner: Origin = { kind: "owner" };
  const context: ToolContext = {
    agentId: "default",
    sessionKey: SessionKey.parse("test-session"),
    sessionId: "none",
    runId: RunId.parse("r1"),
    state: fixture.state,
    config: () => ({}),
    status: async () => ({ status: "ok" }),
    nowMs: () => Date.UTC(2026, 10, 22, 12),
    steeredBy: [owner],
    signal: new AbortController().signal,
  };
  return {
    state: fixture.state,
    context,
    call: (tool, input, overrides) => callTool(tool, input, { ...context, ...overrides }),
    [Symbol.asyncDispose]: () => fixture[Symbol.asyncDispose](),
  };
}
