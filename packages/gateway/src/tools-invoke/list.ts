import { isToolOffered } from "@carapace/agent/turn";
import { json } from "../http/json.ts";
import type { Visit } from "../http/route.ts";
import { toolCaller } from "./caller.ts";
import type { ToolsInvokeDeps } from "./deps.ts";
import { toolError } from "./errors.ts";

/** `GET /tools`: those that the agent of `?sessionKey` (default `main`) may use. */
export async function listTools({ url, request }: Visit, deps: ToolsInvokeDeps): Promise<Response> {
  const caller = await toolCaller(url.searchParams.get("sessionKey") || "main", request.headers, deps);
  if (!caller.ok) return toolError(caller.say);
  const { agent } = caller.value;
  const tools = (await deps.tools())
    .filter((tool) => isToolOffered(tool, agent))
    .map(({ name, description, inputSchema, effect }) => ({ name, description, inputSchema, effect }));
  return json({ ok: true, agentId: agent.agentId, tools });
}
