import type { Visit } from "../http/route.ts";
import { type HookTurn, maxParametersDepth, readAgentRequest } from "./agent-request.ts";
import { type HookAnswer, refusal, toResponse } from "./answer.ts";
import { headerKey, receive, settle, toldOf } from "./call.ts";
import { readJsonBody } from "./json-body.ts";
import { senderId } from "./sender.ts";
import { startTurn } from "./start-turn.ts";
import type { HookDesk } from "./types.ts";
import { wake } from "./wake.ts";

/** POST `{hooks}/agent` (http.md §8.2). */
export async function handleAgent(visit: Visit, desk: HookDesk): Promise<Response> {
  const call = await receive(visit, "agent", desk);
  if (call instanceof Response) return call;
  const refuse = async (answer: HookAnswer) => {
    await desk.deliveries.note(toldOf(call), answer);
    return toResponse(answer);
  };
  // The object around it is one level more.
  const body = readJsonBody(call.bytes, maxParametersDepth + 1);
  if (!body.ok) return await refuse(refusal(400, body.error));
  const read = readAgentRequest(body.value, desk.channels());
  if (!read.ok) return await refuse(read.answer);
  const key = headerKey(call);
  if (key !== undefined && "status" in key) return await refuse(key);
  const { hooks } = desk.config.current().config.gateway;
  const isTrusted = hooks.allowUnsafeExternalContent && read.turn.allowUnsafeExternalContent;
  const work = (runId: string) =>
    agentTurn(read.turn, { runId, hook: "agent", isTrusted, clientIp: visit.clientIp }, desk);
  return await settle(call, { key, work }, desk);
}

interface TurnFacts {
  readonly runId: string;
  readonly hook: string;
  readonly isTrusted: boolean;
  readonly clientIp: string;
  readonly instructions?: string;
}

/**
 * Lets a turn begin. With `wakeMode: next-heartbeat` the main conversation is told of it with its next heartbeat, too.
 */
export async function agentTurn(turn: HookTurn, facts: TurnFacts, desk: HookDesk): Promise<HookAnswer> {
  const { runId, hook, isTrusted, clientIp } = facts;
  const sender = senderId(await desk.senderKey(), clientIp);
  const answer = await startTurn({ turn, sender, ...facts }, { ...desk, sessions: desk.state.sessions });
  if (answer.status !== 202 || turn.wakeMode !== "next-heartbeat") return answer;
  const text = `The webhook ${hook} (${turn.name}) asked for a turn of its own: ${turn.message}`;
  await wake({ text, mode: "next-heartbeat" }, { id: runId, hook, isTrusted }, desk);
  return answer;
}
