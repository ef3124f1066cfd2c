import { isSameSecret, present } from "../connection/credentials.ts";
import { hooksTokenOf } from "../http/bearer.ts";
import { familyWords } from "../http/families.ts";
import { notFound } from "../http/pipeline.ts";
import type { Visit } from "../http/route.ts";
import { type HookAnswer, refusal, toResponse } from "./answer.ts";
import { type HookCall, headerKey, receive, settle, toldOf } from "./call.ts";
import { carryOutMapping } from "./carry-out.ts";
import { readPayload } from "./json-body.ts";
import { type HookContext, shownHeaders, sourceOf } from "./mappings/context.ts";
import { fitsSource, forPath, type Mapping, plainPath } from "./mappings/resolve.ts";
import { type CallKey, digestOfCall } from "./once.ts";
import { isSigned, verifySignature } from "./signatures/verify.ts";
import type { HookDesk } from "./types.ts";

interface Around {
  readonly desk: HookDesk;
  readonly mappings: readonly Mapping[];
}

/** A signature is good for ever where no time is signed, so a call is remembered for long. */
const seenForMs = 30 * 86_400_000;

/** POST `{hooks}/{path}`: what a mapping makes of it (http.md §8.4). */
export async function handleMapped(visit: Visit, { desk, mappings }: Around): Promise<Response> {
  const path = plainPath(visit.params["*"]);
  const candidates = forPath(mappings, path);
  if (path === "") return notFound();
  const call = await receive(visit, path, desk);
  if (call instanceof Response) return call;
  const hasToken = visit.caller.kind === "bearer" || holdsToken(visit, desk);
  const payload = readPayload(call.bytes, visit.request.headers.get("content-type"));
  const mapping = payload.ok
    ? candidates.find((one) => fitsSource(one, sourceOf(payload.value)))
    : candidates.find((one) => isSigned(one));
  const sender = judgeSender(call, { mapping, hasToken, nowMs: desk.world.nowMs() });
  if (!sender.ok) return await refuseStranger(call, { mapping, reason: sender.reason }, desk);
  if (!payload.ok) return await refuse(call, { mapping, answer: refusal(400, payload.error) }, desk);
  if (mapping === undefined) {
    await desk.deliveries.note({ ...toldOf(call), reason: "no mapping takes it" }, { status: 404 });
    return notFound();
  }
  const key =
    sender.mac === undefined
      ? headerKey(call)
      : signedKey(call, { mapping, mac: sender.mac, payload: payload.value });
  if (key !== undefined && "status" in key) return await refuse(call, { mapping, answer: key }, desk);
  const context: HookContext = {
    path,
    nowMs: call.receivedAtMs,
    headers: shownHeaders(visit.request.headers),
    query: visit.url.search,
    payload: payload.value,
  };
  let reason: string | undefined;
  const work = async (id: string) => {
    const done = await carryOutMapping(mapping, { id, context, visit }, desk);
    reason = done.reason;
    return done.answer;
  };
  return await settle(call, { key, work, mapping: mapping.id, reason: () => reason }, desk);
}

function holdsToken({ request: { headers } }: Visit, { config }: HookDesk): boolean {
  const expected = present(config.current().config.gateway.hooks.token?.reveal())?.trim();
  const given = hooksTokenOf(headers);
  return expected !== undefined && given !== undefined && isSameSecret(given, expected);
}

type Sender =
  /** `mac`: of its signature, if that is what let it in. */
  { readonly ok: true; readonly mac?: string } | { readonly ok: false; readonly reason: string };

interface SenderFacts {
  readonly mapping: Mapping | undefined;
  readonly hasToken: boolean;
  readonly nowMs: number;
}

/** A mapping with a signature hears whoever signs rightly, and nobody else; all others want the token. */
function judgeSender({ visit, bytes }: HookCall, { mapping, hasToken, nowMs }: SenderFacts): Sender {
  if (mapping?.auth === undefined || !isSigned(mapping)) {
    return hasToken ? { ok: true } : { ok: false, reason: "hooks token missing or wrong" };
  }
  return verifySignature(mapping.auth, { headers: visit.request.headers, bytes, nowMs });
}

/**
 * What makes a signed call the same as an earlier one: what was signed, as headers beside it are anybody's to change.
 * Stripe signs an event anew each time it is sent, but says which one it is.
 */
function signedKey({ path, bytes }: HookCall, { mapping, mac, payload }: Signed): CallKey {
  const event = mapping.auth?.kind === "stripe" ? idOf(payload) : undefined;
  const scope = `hook-signed:${mapping.id}`;
  // The key says what was signed already: an event that is sent again may differ in what does not matter.
  const digest = event === undefined ? digestOfCall(path, bytes) : "event";
  return { scope, key: event === undefined ? `mac:${mac}` : `event:${event}`, digest, ttlMs: seenForMs };
}

interface Signed {
  readonly mapping: Mapping;
  readonly mac: string;
  readonly payload: HookContext["payload"];
}

function idOf(payload: HookContext["payload"]): string | undefined {
  const id: unknown =
    typeof payload === "object" && payload !== null ? Reflect.get(payload, "id") : undefined;
  return typeof id === "string" && id !== "" && id.length <= 255 ? id : undefined;
}

interface Refused {
  readonly mapping: Mapping | undefined;
  readonly answer: HookAnswer;
}

async function refuse(call: HookCall, { mapping, answer }: Refused, desk: HookDesk): Promise<Response> {
  await desk.deliveries.note({ ...toldOf(call), mapping: mapping?.id }, answer);
  return toResponse(answer);
}

async function refuseStranger(
  call: HookCall,
  { mapping, reason }: { readonly mapping: Mapping | undefined; readonly reason: string },
  desk: HookDesk,
): Promise<Response> {
  const { visit } = call;
  desk.arrivals.refused({
    kind: "auth_failure",
    method: mapping?.auth?.kind ?? "token",
    clientId: "http",
    ip: visit.clientIp,
    endpoint: visit.url.pathname.slice(0, 200),
    reason,
  });
  await desk.deliveries.noteStranger({ ...toldOf(call), mapping: mapping?.id, reason }, { status: 401 });
  return familyWords.hooks.unauthorized();
}
