import type { Visit } from "../http/route.ts";
import { type HookAnswer, refusal, toResponse } from "./answer.ts";
import type { ToldCall } from "./delivery-log.ts";
import { type CallKey, digestOfCall, idOfCall } from "./once.ts";
import { mayHear } from "./reply-for-caller.ts";
import type { HookDesk } from "./types.ts";

/** A hook's request once its body was read. */
export interface HookCall {
  readonly visit: Visit;
  /** `wake`, `agent`, or what a mapping fits. */
  readonly path: string;
  readonly bytes: Uint8Array;
  readonly receivedAtMs: number;
}

/** Carries a call out; `id` is the same for the same call. */
type Work = (id: string) => Promise<HookAnswer>;

const dayMs = 86_400_000;
const maxKeyChars = 255;

/** Reads the body of a call. @returns the finished response where it cannot be had (http.md §3.2) */
export async function receive(
  visit: Visit,
  path: string,
  { world }: Pick<HookDesk, "world">,
): Promise<HookCall | Response> {
  const receivedAtMs = world.nowMs();
  const body = await visit.body();
  if (body.ok) return { visit, path, bytes: body.bytes, receivedAtMs };
  return body.response.status === 413 ? toResponse(refusal(413, "payload too large")) : body.response;
}

/** The key of `Idempotency-Key`, kept for a day; a refusal if it is too long; undefined without one. */
export function headerKey({ visit, path, bytes }: HookCall): CallKey | HookAnswer | undefined {
  const key = visit.request.headers.get("idempotency-key")?.trim();
  if (key === undefined || key === "") return undefined;
  if (key.length > maxKeyChars)
    return refusal(400, `Idempotency-Key must have at most ${maxKeyChars} characters`);
  return { scope: `hook:${path}`, key, digest: digestOfCall(path, bytes), ttlMs: dayMs };
}

/**
 * Carries a call out, once if it has a key, notes it, and answers.
 * @param reason Where it goes wrong for a reason that is the owner's business alone
 */
export async function settle(
  call: HookCall,
  {
    key,
    work,
    mapping,
    reason,
  }: {
    readonly key: CallKey | undefined;
    readonly work: Work;
    readonly mapping?: string;
    readonly reason?: () => string | undefined;
  },
  desk: HookDesk,
): Promise<Response> {
  const done =
    key === undefined
      ? { answer: await work(desk.world.newId()), isRepeated: false }
      : await desk.carryOut(key, () => work(idOfCall(key)));
  const told: ToldCall = { ...toldOf(call), mapping, isRepeated: done.isRepeated, reason: reason?.() };
  await desk.deliveries.note(told, done.answer);
  const answer = await waited(call, done.answer, desk);
  return toResponse(done.isRepeated ? repeated(answer) : answer);
}

/** What is noted of every call. */
export function toldOf({ path, bytes, receivedAtMs }: HookCall): ToldCall {
  return { path, bytes: bytes.length, receivedAtMs };
}

/** The same answer, and a word that nothing was done for it. */
function repeated(answer: HookAnswer): HookAnswer {
  if (answer.body === undefined || answer.body["ok"] !== true) return answer;
  return { ...answer, body: { ...answer.body, repeated: true } };
}

const waitMs = 25_000;
const keptBack =
  "the reply stays in its conversation: the assistant could read more there than what this webhook was sent";

/** With `?wait=1` the reply itself, if it comes in time (http.md §8 *Better*). */
async function waited(
  { visit }: HookCall,
  answer: HookAnswer,
  { runs, state }: Pick<HookDesk, "runs" | "state">,
): Promise<HookAnswer> {
  const runId = answer.body?.["runId"];
  const asked = visit.url.searchParams.get("wait");
  if (typeof runId !== "string" || answer.status !== 202 || (asked !== "1" && asked !== "true"))
    return answer;
  const { kind, run } = await runs.wait(runId, waitMs, visit.signal);
  const outcome = kind === "ended" ? run?.outcome : undefined;
  if (run === undefined || outcome === undefined) return answer;
  const { status, response = "", error } = outcome;
  if (status === "completed" && !(await mayHear(run, state.sessions)))
    return { status: 200, body: { ...answer.body, status, withheld: keptBack } };
  if (status === "completed") return { status: 200, body: { ...answer.body, status, reply: response } };
  return { status: 200, body: { ...answer.body, ok: false, status, error: error ?? status } };
}
