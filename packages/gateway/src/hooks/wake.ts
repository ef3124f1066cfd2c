import { failures, type Origin } from "@carapace/protocol";
import type { Visit } from "../http/route.ts";
import { type HookAnswer, refusal, toResponse } from "./answer.ts";
import { headerKey, receive, settle, toldOf } from "./call.ts";
import { readJsonBody } from "./json-body.ts";
import type { HookDesk } from "./types.ts";
import { type HookWake, readWakeRequest } from "./wake-request.ts";

/** Deeper than any of these bodies is. */
const maxDepth = 64;

/** POST `{hooks}/wake` (http.md §8.1). */
export async function handleWake(visit: Visit, desk: HookDesk): Promise<Response> {
  const call = await receive(visit, "wake", desk);
  if (call instanceof Response) return call;
  const refuse = async (answer: HookAnswer) => {
    await desk.deliveries.note(toldOf(call), answer);
    return toResponse(answer);
  };
  const body = readJsonBody(call.bytes, maxDepth);
  if (!body.ok) return await refuse(refusal(400, body.error));
  const read = readWakeRequest(body.value);
  if (!read.ok) return await refuse(read.answer);
  const key = headerKey(call);
  if (key !== undefined && "status" in key) return await refuse(key);
  const work = (id: string) => wake(read.wake, { id, hook: "wake", isTrusted: false }, desk);
  return await settle(call, { key, work }, desk);
}

/** Tells the assistant; durable before it returns. */
export async function wake(
  { text, mode }: HookWake,
  { id, hook, isTrusted }: { readonly id: string; readonly hook: string; readonly isTrusted: boolean },
  { systemEvents }: Pick<HookDesk, "systemEvents">,
): Promise<HookAnswer> {
  const ref = hook.slice(0, 200);
  const origin: Origin = isTrusted ? { kind: "system", ref: `hook:${ref}` } : { kind: "hook", ref };
  const reason = mode === "now" ? "hook-wake-now" : "hook-wake-next-heartbeat";
  const told = await systemEvents.submit({ id: `hook-wake:${id}`, text, reason, mode, origin });
  if (!told.ok) return refusal(failures[told.code].http, told.say);
  return { status: 200, body: { ok: true, mode } };
}
