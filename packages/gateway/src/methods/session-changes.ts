import { ok, type Result, refuse, SessionKey } from "@carapace/protocol";
import type { Session } from "@carapace/state";
import { findByKey, findSession, namedKey, type SessionNames } from "../sessions/find.ts";
import { metadataFrom, overStored } from "../sessions/metadata.ts";
import { createdSessionKey } from "../sessions/scope.ts";
import { stopRuns } from "../sessions/stop-runs.ts";
import { sessionEntry } from "../sessions/view.ts";
import type { MethodHandlers } from "../types.ts";
import { registeredChannels, sessionDefaults } from "./registered.ts";
import type { Services } from "./services.ts";

type Handled =
  | "sessions.create"
  | "sessions.fork"
  | "sessions.rename"
  | "sessions.switch"
  | "sessions.patch"
  | "sessions.reset"
  | "sessions.delete";

const changed = (session: Session) => ({ ok: true as const, key: session.key, entry: sessionEntry(session) });

/** Making, naming, clearing and deleting sessions (websocket.md §12.4). */
export function sessionChangeHandlers(services: Services): Pick<MethodHandlers, Handled> {
  const { state, world, config, runs, facts } = services;
  const { sessions } = state;

  /** The key a change is for: that of the session it names, else the name itself. */
  async function targetKey(names: SessionNames): Promise<Result<{ key: SessionKey; session?: Session }>> {
    const name = namedKey(names);
    if (name === undefined) return refuse("invalid_request", "key is required");
    const session = await findByKey(sessions, name);
    if (session !== undefined) return ok({ key: session.key, session });
    const key = SessionKey.safeParse(name);
    return key.success
      ? ok({ key: key.data })
      : refuse("invalid_request", "key must be at most 255 characters");
  }

  async function freeForkKey(source: string): Promise<SessionKey> {
    for (let number = 1; ; number += 1) {
      const key = SessionKey.parse(`${source.slice(0, 240)}-fork${number === 1 ? "" : `-${number}`}`);
      if ((await sessions.find(key)) === undefined) return key;
    }
  }

  return {
    async "sessions.create"({ params }) {
      const metadata = metadataFrom(params, registeredChannels);
      const given = namedKey(params);
      const parsed = SessionKey.safeParse(given ?? createdSessionKey({ ...metadata }));
      if (!parsed.success) return refuse("invalid_request", "key must be at most 255 characters");
      const key = parsed.data;
      const created = await sessions.create(key, metadata, world.nowMs());
      if (created !== undefined) return ok(changed(created));
      if (given !== undefined) return refuse("conflict", "session already exists", { key });
      return refuse(
        "unavailable",
        "session create failed: a session of this agent, channel and chat exists already",
      );
    },
    async "sessions.fork"({ params }) {
      const source = await findSession(sessions, params, "key");
      if (!source.ok) return source;
      const parsed = SessionKey.safeParse(
        params.newKey ?? params.targetKey ?? (await freeForkKey(source.value.key)),
      );
      if (!parsed.success) return refuse("invalid_request", "newKey must be at most 255 characters");
      const limit = params.copyHistory ? params.limit : 0;
      const metadata = metadataFrom(params, registeredChannels);
      const fork = await sessions.fork(source.value.id, {
        key: parsed.data,
        metadata,
        limit,
        nowMs: world.nowMs(),
      });
      if (fork === undefined) return refuse("conflict", "session already exists", { key: parsed.data });
      return ok({ ...changed(fork), sourceKey: source.value.key });
    },
    async "sessions.rename"({ params }) {
      const target = await targetKey(params);
      if (!target.ok) return target;
      const name = params.label ?? params.name;
      if (name === undefined) return refuse("invalid_request", "name is required");
      const { key, session } = target.value;
      if (session === undefined) return refuse("not_found", "session not found", { key });
      return ok(changed(await sessions.upsert(key, { name }, world.nowMs())));
    },
    async "sessions.switch"({ params, connection }) {
      const session = await findSession(sessions, params, "key");
      if (!session.ok) return session;
      connection.defaultSessionKey = session.value.key;
      return ok({ ...changed(session.value), defaults: sessionDefaults(config.current().config) });
    },
    async "sessions.patch"({ params }) {
      const target = await targetKey(params);
      if (!target.ok) return target;
      const said = metadataFrom(params, registeredChannels);
      const metadata = overStored(said, target.value.session?.metadata);
      const session = await sessions.upsert(target.value.key, metadata, world.nowMs());
      return ok({ ...changed(session), path: facts.stateDir });
    },
    async "sessions.reset"({ params }) {
      const target = await targetKey(params);
      if (!target.ok) return target;
      const stopped = await stopRuns(runs, target.value.key);
      if (!stopped.ok) return stopped;
      const session = target.value.session ?? (await sessions.upsert(target.value.key, {}, world.nowMs()));
      return ok(changed(await sessions.reset(session.id, world.nowMs())));
    },
    async "sessions.delete"({ params }) {
      const target = await targetKey(params);
      if (!target.ok) return target;
      const { key, session } = target.value;
      const stopped = await stopRuns(runs, key);
      if (!stopped.ok) return stopped;
      const deleted = session !== undefined && (await sessions.delete(session.id));
      return ok({ ok: true, key, deleted });
    },
  };
}
