import { type MethodParams, ok, refuse, SessionKey } from "@carapace/protocol";
import type { Session, SessionRepository } from "@carapace/state";
import { actorOf } from "../audit/actor.ts";
import { findNamed, findSession, namedKey } from "../sessions/find.ts";
import { metadataFrom, overStored } from "../sessions/metadata.ts";
import { createdSessionKey } from "../sessions/scope.ts";
import { stopRuns } from "../sessions/stop-runs.ts";
import { sessionEntry } from "../sessions/view.ts";
import type { Answer, MethodCall, MethodHandlers } from "../types.ts";
import { sessionDefaults } from "./registered.ts";
import type { Services } from "./services.ts";

type Handled =
  | "sessions.create"
  | "sessions.fork"
  | "sessions.rename"
  | "sessions.switch"
  | "sessions.patch"
  | "sessions.reset"
  | "sessions.delete";

/** Making, naming, clearing and deleting sessions (websocket.md §12.4). */
export function sessionChangeHandlers(services: Services): Pick<MethodHandlers, Handled> {
  return {
    "sessions.create": ({ params }) => create(params, services),
    "sessions.fork": ({ params }) => fork(params, services),
    "sessions.rename": ({ params }) => rename(params, services),
    "sessions.switch": (call) => switchTo(call, services),
    "sessions.patch": ({ params }) => patch(params, services),
    "sessions.reset": ({ params }) => reset(params, services),
    "sessions.delete": (call) => remove(call, services),
  };
}

function changed(session: Session) {
  return { ok: true as const, key: session.key, entry: sessionEntry(session) };
}

async function create(
  params: MethodParams<"sessions.create">,
  { state, world, channels }: Services,
): Answer<"sessions.create"> {
  const metadata = metadataFrom(params, channels.ids());
  const given = namedKey(params);
  const key = SessionKey.safeParse(given ?? createdSessionKey({ ...metadata }));
  if (!key.success) return refuse("invalid_request", "key must be at most 255 characters");
  const created = await state.sessions.create(key.data, metadata, world.nowMs());
  if (created !== undefined) return ok(changed(created));
  if (given !== undefined) return refuse("conflict", "session already exists", { key: key.data });
  return refuse(
    "unavailable",
    "session create failed: a session of this agent, channel and chat exists already",
  );
}

async function fork(
  params: MethodParams<"sessions.fork">,
  { state: { sessions }, world, channels }: Services,
): Answer<"sessions.fork"> {
  const source = await findSession(sessions, params, "key");
  if (!source.ok) return source;
  const sourceKey = source.value.key;
  const wanted = params.newKey ?? params.targetKey ?? (await freeForkKey(sourceKey, sessions));
  const key = SessionKey.safeParse(wanted);
  if (!key.success) return refuse("invalid_request", "newKey must be at most 255 characters");
  const made = await sessions.fork(source.value.id, {
    key: key.data,
    metadata: metadataFrom(params, channels.ids()),
    limit: params.copyHistory ? params.limit : 0,
    nowMs: world.nowMs(),
  });
  if (made === undefined) return refuse("conflict", "session already exists", { key: key.data });
  return ok({ ...changed(made), sourceKey });
}

async function freeForkKey(source: string, sessions: SessionRepository): Promise<SessionKey> {
  for (let number = 1; ; number += 1) {
    // The cut may fall into a character; its half could not be stored.
    const begin = source.slice(0, 240).toWellFormed();
    const key = SessionKey.parse(`${begin}-fork${number === 1 ? "" : `-${number}`}`);
    if ((await sessions.find(key)) === undefined) return key;
  }
}

async function rename(
  params: MethodParams<"sessions.rename">,
  { state, world }: Services,
): Answer<"sessions.rename"> {
  const target = await findNamed(state.sessions, params);
  if (!target.ok) return target;
  const name = params.label ?? params.name;
  if (name === undefined) return refuse("invalid_request", "name is required");
  const { key, session } = target.value;
  if (session === undefined) return refuse("not_found", "session not found", { key });
  return ok(changed(await state.sessions.upsert(key, { name }, world.nowMs())));
}

async function switchTo(
  { params, connection }: MethodCall<"sessions.switch">,
  { state, config }: Services,
): Answer<"sessions.switch"> {
  const session = await findSession(state.sessions, params, "key");
  if (!session.ok) return session;
  connection.defaultSessionKey = session.value.key;
  return ok({ ...changed(session.value), defaults: sessionDefaults(config.current().config) });
}

async function patch(
  params: MethodParams<"sessions.patch">,
  { state, world, facts, channels }: Services,
): Answer<"sessions.patch"> {
  const target = await findNamed(state.sessions, params);
  if (!target.ok) return target;
  const said = metadataFrom(params, channels.ids());
  const metadata = overStored(said, target.value.session?.metadata);
  const session = await state.sessions.upsert(target.value.key, metadata, world.nowMs());
  return ok({ ...changed(session), path: facts.stateDir });
}

async function reset(
  params: MethodParams<"sessions.reset">,
  { state: { sessions }, runs, world }: Services,
): Answer<"sessions.reset"> {
  const target = await findNamed(sessions, params);
  if (!target.ok) return target;
  const stopped = await stopRuns(runs, target.value.key);
  if (!stopped.ok) return stopped;
  const session = target.value.session ?? (await sessions.upsert(target.value.key, {}, world.nowMs()));
  return ok(changed(await sessions.reset(session.id, world.nowMs())));
}

async function remove(
  { params, connection }: MethodCall<"sessions.delete">,
  { state, runs }: Services,
): Answer<"sessions.delete"> {
  const target = await findNamed(state.sessions, params);
  if (!target.ok) return target;
  const { key, session } = target.value;
  const stopped = await stopRuns(runs, key);
  if (!stopped.ok) return stopped;
  if (session === undefined) return ok({ ok: true, key, deleted: false });
  const actor = actorOf(connection);
  const event = { actor, event: "session_deleted", data: { session_id: session.id, actor } } as const;
  const deleted = await state.audit.together(event, () => state.sessions.delete(session.id));
  return ok({ ok: true, key, deleted });
}
