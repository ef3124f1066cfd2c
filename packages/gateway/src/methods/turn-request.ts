import {
  hintedSessionKey,
  type Origin,
  ok,
  type Result,
  RunId,
  refuse,
  type SessionKey,
} from "@carapace/protocol";
import type { Session } from "@carapace/state";
import { definedOnly } from "../defined-only.ts";
import type { RunOptions, RunRequest } from "../runs/types.ts";
import { findByKey, namedKey, type SessionNames } from "../sessions/find.ts";
import { type MetadataParams, metadataFrom } from "../sessions/metadata.ts";
import { scopedSessionKey } from "../sessions/scope.ts";
import type { ConnectionView } from "../types.ts";
import { registeredChannels } from "./registered.ts";
import type { Services } from "./services.ts";

/** What `agent` and `chat.send` have in common (websocket.md §12.3). */
export interface TurnParams extends MetadataParams, SessionNames {
  readonly message: string;
  readonly idempotencyKey: string;
  readonly stream: boolean;
  readonly to?: string | undefined;
  readonly system?: string | undefined;
  readonly deliver?: boolean | undefined;
  readonly venice_parameters?: unknown;
}

/** A request for a turn but for what becomes of it, and the session it is for, if there is one already. */
export interface TurnRequest {
  readonly request: Omit<RunRequest, "options">;
  readonly wishes: Omit<RunOptions, "purpose" | "announce" | "say">;
  readonly session?: Session;
}

type Needs = Pick<Services, "state" | "config">;

/**
 * Finds the session of a request: the one it names (literally, then as a hint), that of `sessions.switch`, or the one
 * its speaker shares under `session.scope`.
 */
export async function readTurnRequest(
  params: TurnParams,
  connection: ConnectionView,
  services: Needs,
): Promise<Result<TurnRequest>> {
  const runId = RunId.safeParse(params.idempotencyKey);
  if (!runId.success) return refuse("invalid_request", "idempotencyKey must be at most 255 characters");
  const found = await findTarget(params, connection, services);
  if (!found.ok) return found;
  const { key, session } = found.value;
  if (session?.damage !== undefined) {
    return refuse("conflict", `this session can only be read: ${session.damage.say}; start a new one`, {
      key,
    });
  }
  const chatId = params.chatId ?? params.to;
  const origin: Origin = { kind: "owner", ref: connection.deviceId ?? connection.client.id };
  const request = {
    runId: runId.data,
    sessionKey: key,
    metadata: metadataFrom({ ...params, chatId }, registeredChannels),
    blocks: [{ type: "text" as const, text: params.message, origin }],
  };
  const wishes = definedOnly({
    stream: params.stream,
    agentId: params.agentId,
    route: params.route,
    model: params.route === undefined ? params.model : undefined,
    system: params.system,
    deliver: params.deliver,
    extra: params.venice_parameters,
  });
  return ok(definedOnly({ request, wishes, session }));
}

interface Target {
  readonly key: SessionKey;
  readonly session?: Session;
}

async function findTarget(
  params: TurnParams,
  connection: ConnectionView,
  { state, config }: Needs,
): Promise<Result<Target>> {
  const { sessions } = state;
  if (params.sessionId !== undefined) {
    const session = await sessions.findById(params.sessionId);
    if (session === undefined) return refuse("not_found", `Session not found: ${params.sessionId}`);
    return ok({ key: session.key, session });
  }
  const name = namedKey(params) ?? connection.defaultSessionKey;
  if (name !== undefined) {
    const session = await findByKey(sessions, name);
    return ok(session === undefined ? { key: hintedSessionKey(name) } : { key: session.key, session });
  }
  const sender = params.userId ?? connection.client.id;
  const speaker = { channel: "default", sender, peer: params.chatId ?? params.to };
  const key = scopedSessionKey(config.current().config.session.scope, speaker);
  const session = await sessions.find(key);
  return ok(session === undefined ? { key } : { key, session });
}
