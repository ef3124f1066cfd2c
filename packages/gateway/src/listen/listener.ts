import { closes, ok, type Result, wireLimits } from "@carapace/protocol";
import { createAttempts } from "../connection/attempts.ts";
import { Connection, type ConnectionDeps } from "../connection/connection.ts";
import { createRefusalLog, type RefusalLog } from "../connection/refusal-log.ts";
import { openApiRoute } from "../control/openapi/route.ts";
import { statusRoute } from "../control/status.ts";
import { healthRoutes } from "../http/health.ts";
import { json } from "../http/json.ts";
import { type Arrival, answer, notFound, type PipelineDeps } from "../http/pipeline.ts";
import type { Route } from "../http/route.ts";
import { type PathRoutes, routeTable } from "../http/route-table.ts";
import { secured } from "../http/security-headers.ts";
import { endsWithin, wait } from "../wait.ts";
import { type Admission, createAdmission } from "./admission.ts";
import { type DoorRules, denyCrowd, denyHost, denyUpgrade } from "./doorman.ts";
import { denyExposure, isLoopbackBind } from "./exposure.ts";
import type { Listener, ListenOptions, StopOptions } from "./options.ts";
import { describePeer, type Peer } from "./peer.ts";
import { portRefusal } from "./port-refusal.ts";
import { createWaitingRoom, type Newcomer, type WaitingRoom } from "./waiting-room.ts";

/** What a socket carries from its upgrade to its close. */
interface SocketData extends Newcomer {
  readonly peer: Peer;
  connection?: Connection;
  terminate?: () => void;
}

type Server = Bun.Server<SocketData>;

/** What the parts of one listener share. */
interface Door {
  readonly rules: DoorRules;
  readonly admission: Admission;
  readonly waitingRoom: WaitingRoom;
  readonly refusals: RefusalLog;
  readonly nowMs: () => number;
  readonly connections: Set<Connection>;
  readonly connectionDeps: Omit<ConnectionDeps, "onWelcome">;
  readonly http: PipelineDeps;
  /** What answers before the gateway is open, and as long as nobody else takes it over. */
  readonly ownRoutes: readonly Route[];
  /** All that are served now. */
  routes: readonly Route[];
  isOpen: boolean;
  isStopping: boolean;
}

/** Header and body of a request must arrive, and an idle connection end, within this. */
const httpIdleSeconds = 30;
/** Above every route's own limit, so that those are the ones that are met (http.md §3.2). */
const maxBodyBytes = 4_194_304 + 65_536;
/** How long sockets get to take leave before the port is closed under them. */
const farewellMs = 1000;
/** `1001` of RFC 6455, section 7.4.1. */
const goingAway = { code: 1001, reason: "gateway stopping" } as const;

/**
 * Opens the gateway's one port: HTTP, and the WebSocket at `/ws`.
 * @returns `forbidden` for an address others can reach without a credential, `unavailable` if the port cannot be had.
 */
export function listen(options: ListenOptions): Result<Listener> {
  const denied = denyExposure(options);
  if (denied !== undefined) return denied;
  const door = doorOf(options);
  try {
    const server = serve(options, door);
    return ok({
      hostname: options.hostname,
      port: server.port ?? options.port,
      serve(routes) {
        door.isOpen = true;
        door.routes = [...door.ownRoutes, ...routes];
        server.reload(settings(options, door, door.routes));
      },
      stop: stopper(server, door, options),
    });
  } catch (error) {
    return portRefusal(error, options);
  }
}

function doorOf(options: ListenOptions): Door {
  const { credentials, limits, hub, nowMs, newId, log, startedAtMs, whois, arrivals } = options;
  const uptimeMs = () => Math.max(0, nowMs() - startedAtMs);
  const shared = { credentials, whois, nowMs, uptimeMs, attempts: createAttempts(), arrivals, wait };
  const refusals = createRefusalLog(log);
  const connectionDeps: Door["connectionDeps"] = {
    limits,
    refusals,
    hub,
    nowMs,
    newId,
    log,
    handshake: {
      ...shared,
      controlUi: options.controlUi,
      devices: options.pairing,
      maxJsonDepth: limits.maxJsonDepth,
      server: options.server,
      hub,
      health: options.health,
    },
    dispatch: {
      handlers: options.handlers,
      onFault: (method, error) => log.error(`${method} failed`, { method, error }),
    },
  };
  const door: Door = {
    rules: {
      isLoopbackBind: isLoopbackBind(options.hostname),
      hasCredential: credentials.mode !== "none" && credentials.secret !== undefined,
      isTailnetServed: options.isTailnetServed ?? false,
    },
    admission: createAdmission(limits),
    waitingRoom: createWaitingRoom(limits),
    refusals,
    nowMs,
    connections: new Set(),
    connectionDeps,
    http: { ...shared, newId, hooksToken: options.hooksToken, log },
    ownRoutes: [
      ...healthRoutes({ uptimeMs, isReady: () => !door.isStopping && options.isReady() }),
      statusRoute({ startedAtMs, uptimeMs, facts: options.facts }),
      openApiRoute(() => door.routes),
    ],
    routes: [],
    isOpen: false,
    isStopping: false,
  };
  return door;
}

function serve(options: ListenOptions, door: Door): Server {
  return Bun.serve<SocketData>(settings(options, door, door.ownRoutes));
}

function settings(
  { hostname, port, limits, log }: ListenOptions,
  door: Door,
  routes: readonly Route[],
): Bun.Serve.Options<SocketData> {
  return {
    hostname,
    port,
    development: false,
    // Said out loud: Bun 1.4.5 lets two processes share a port unless told not to, whatever its documentation says.
    reusePort: false,
    idleTimeout: httpIdleSeconds,
    maxRequestBodySize: maxBodyBytes,
    routes: served(routeTable(routes), door),
    fetch: (request, server) => receive({ request, server, door }, () => unknownPath(door)),
    error(error) {
      log.error("HTTP request failed", { error });
      return secured(json({ ok: false, error: "Internal Server Error" }, 500));
    },
    websocket: {
      perMessageDeflate: false,
      maxPayloadLength: limits.maxInboundMessageBytes,
      // The queue is accounted for in `Outbound`; this is the net under it.
      backpressureLimit: limits.maxBufferedBytes + wireLimits.maxBroadcastBytes,
      // Clients may be silent for as long as they like; `tick` tells both sides.
      idleTimeout: 0,
      sendPings: false,
      open(socket) {
        const onWelcome = () => door.waitingRoom.leave(socket.data);
        const deps = { ...door.connectionDeps, onWelcome };
        const connection = new Connection(socket, socket.data.peer, deps);
        socket.data.connection = connection;
        socket.data.terminate = () => socket.terminate();
        door.connections.add(connection);
        connection.open();
      },
      message(socket, message) {
        if (typeof message === "string") socket.data.connection?.receive(message);
        else socket.data.connection?.receiveBinary();
      },
      error(error, socket) {
        log.error("a socket's handler failed", { error });
        socket.data.connection?.close(closes.socketError);
      },
      ping: (socket) => socket.data.connection?.touch(),
      close(socket) {
        door.admission.leave(socket.data.peer);
        door.waitingRoom.leave(socket.data);
        if (socket.data.connection === undefined) return;
        door.connections.delete(socket.data.connection);
        socket.data.connection.closed();
      },
    },
  };
}

type Handler = (request: Request, server: Server) => Response | undefined | Promise<Response>;

/** The table as `Bun.serve` takes it. */
function served(table: readonly PathRoutes[], door: Door): Record<string, Handler> {
  const handlers: Record<string, Handler> = {
    "/ws": (request, server) =>
      receive({ request, server, door }, (arrival) => upgrade(arrival, server, door)),
  };
  for (const routes of table) {
    handlers[routes.path] = (request, server) =>
      receive({ request, server, door }, (arrival) => answer(arrival, routes, door.http));
  }
  return handlers;
}

interface Knocking {
  readonly request: Request;
  readonly server: Server;
  readonly door: Door;
}

function receive(
  { request, server, door }: Knocking,
  next: (arrival: Arrival) => Response | undefined | Promise<Response>,
): Response | undefined | Promise<Response> {
  const peer = describePeer(server.requestIP(request)?.address, request.headers);
  const misdirected = denyHost(peer, door.rules);
  if (misdirected !== undefined) return secured(misdirected);
  const response = next({ request, peer });
  return door.isStopping && response !== undefined ? lastAnswer(response) : response;
}

/** While the gateway is being opened nobody knows yet which paths there will be. */
function unknownPath(door: Door): Response {
  if (door.isOpen) return secured(notFound());
  return secured(json({ ok: false, error: "the gateway is starting" }, 503, { "Retry-After": "1" }));
}

/** While the gateway stops, nobody should come back on the same connection. */
async function lastAnswer(answering: Response | Promise<Response>): Promise<Response> {
  const response = await answering;
  response.headers.set("Connection", "close");
  return response;
}

function upgrade({ request, peer }: Arrival, server: Server, door: Door): Response | undefined {
  if (door.isStopping) return secured(json({ error: "gateway stopping" }, 503, { Connection: "close" }));
  const data: SocketData = {
    peer,
    dismiss: () => dismiss(data),
  };
  const denied = denyUpgrade(request) ?? denyCrowd(data, door.admission, door.waitingRoom);
  if (denied !== undefined) return secured(denied);
  if (server.upgrade(request, { data })) return undefined;
  door.admission.leave(peer);
  door.waitingRoom.leave(data);
  return secured(json({ error: "bad WebSocket upgrade" }, 400));
}

/** Ends a newcomer's socket without waiting for its answer, so that what it had sent is freed at once. */
function dismiss({ connection, terminate }: SocketData): void {
  connection?.close(closes.handshakeTimeout);
  terminate?.();
}

function stopper(server: Server, door: Door, { hub, log }: ListenOptions): Listener["stop"] {
  const run = async (options: StopOptions) => {
    door.isStopping = true;
    hub.publish("shutdown", shutdownNotice(options));
    await drained(options).catch((error: unknown) => log.error("stopping: runs did not end well", { error }));
    for (const connection of [...door.connections]) connection.close(goingAway);
    door.refusals[Symbol.dispose]();
    await endsWithin(farewellMs, server.stop());
    await server.stop(true);
  };
  let stopped: Promise<void> | undefined;
  return (options) => {
    stopped ??= run(options);
    return stopped;
  };
}

function shutdownNotice({ reason }: StopOptions) {
  const shown = reason.slice(0, wireLimits.maxShutdownReasonChars);
  return { reason: shown, reasonTruncated: shown.length < reason.length };
}

async function drained({ drain, budgetMs }: StopOptions): Promise<void> {
  if (drain === undefined) return;
  const budget = new AbortController();
  await endsWithin(budgetMs, drain(budget.signal));
  budget.abort();
}
