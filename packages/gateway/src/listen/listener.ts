import { ok, type Result, wireLimits } from "@carapace/protocol";
import { alivePaths } from "../http/health.ts";
import { json } from "../http/json.ts";
import { answer, type Behind, notFound, silentSeconds } from "../http/pipeline.ts";
import type { Route } from "../http/route.ts";
import { routeTable } from "../http/route-table.ts";
import { secure } from "../http/security-headers.ts";
import { endsWithin } from "../wait.ts";
import { type Door, doorOf } from "./door.ts";
import { denyHost } from "./doorman.ts";
import { denyExposure, isLoopbackBind } from "./exposure.ts";
import type { Listener, ListenOptions, StopOptions } from "./options.ts";
import { describePeer } from "./peer.ts";
import { portRefusal } from "./port-refusal.ts";
import { type Server, type SocketData, socketHandlers, upgrade } from "./sockets.ts";

/**
 * Above every route's own limit, so that those are the ones that are met (http.md §3.2). What nobody reads is not taken
 * from the socket, so this is no memory that a stranger could fill.
 */
const maxBodyBytes = 16 * 1024 * 1024;
/** How long sockets get to take leave before the port is closed under them. */
const farewellMs = 1000;
/** How long a request that is being answered gets to end by itself (http.md §15.2). */
const landingMs = 10_000;
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
    const server = Bun.serve<SocketData>(served(options, door, door.ownRoutes));
    const inner = besideIt(server, options, door);
    const servers = inner === undefined ? [server] : [server, inner];
    return ok({
      hostname: options.hostname,
      port: server.port ?? options.port,
      serve(routes) {
        const next = [...door.ownRoutes, ...routes];
        door.isOpen = true;
        door.settings = options.httpSettings();
        try {
          for (const one of servers) one.reload(served(options, door, next));
          door.routes = next;
        } catch (error) {
          // A path that the server cannot take must not end what it serves.
          options.log.error("the routes of the new configuration cannot be served; the former stay", {
            error,
          });
        }
      },
      stop: stopper(servers, door, options),
    });
  } catch (error) {
    return portRefusal(error, options);
  }
}

/**
 * A gateway that listens at one address of a network is there for this machine's own programs as well: they look for it
 * at the loopback address. If that cannot be had it is told, and the gateway goes on.
 */
function besideIt({ port }: Server, options: ListenOptions, door: Door): Server | undefined {
  if (isLoopbackBind(options.hostname) || isWildcard(options.hostname) || port === undefined)
    return undefined;
  try {
    return Bun.serve<SocketData>(served({ ...options, hostname: "127.0.0.1", port }, door, door.ownRoutes));
  } catch (error) {
    options.log.error("programs on this machine cannot reach the gateway at 127.0.0.1", { port, error });
    return undefined;
  }
}

function isWildcard(hostname: string): boolean {
  return ["0.0.0.0", "::", "[::]"].includes(hostname.trim());
}

function served(options: ListenOptions, door: Door, routes: readonly Route[]): Bun.Serve.Options<SocketData> {
  const { hostname, port, log } = options;
  return {
    hostname,
    port,
    development: false,
    // Said out loud: Bun 1.4.5 lets two processes share a port unless told not to, whatever its documentation says.
    reusePort: false,
    // Bun gives the headers of a connection's first request 12 s, whatever this says; to all else this applies.
    idleTimeout: silentSeconds,
    maxRequestBodySize: maxBodyBytes,
    routes: handlersOf(routes, door),
    fetch: (request, server) => received(request, server, { door, behind: unknownPath(door) }),
    error(error) {
      log.error("HTTP request failed", { error });
      const response = json({ ok: false, error: "Internal Server Error" }, 500);
      return secure(response, { isPage: false, isTls: false, host: null });
    },
    websocket: socketHandlers(options, door),
  };
}

type Handler = (request: Request, server: Server) => Response | undefined | Promise<Response>;

/** The table as `Bun.serve` takes it. */
function handlersOf(routes: readonly Route[], door: Door): Record<string, Handler> {
  const handlers: Record<string, Handler> = {
    "/ws": (request, server) => {
      const peer = peerOf(request, server);
      return denyHost(peer, door.rules) ?? upgrade({ request, peer }, server, door);
    },
  };
  for (const behind of routeTable(routes)) {
    handlers[behind.path] = (request, server) => received(request, server, { door, behind });
  }
  for (const path of alivePaths) handlers[path] = quick(path, handlers[path], door);
  return handlers;
}

/** Answers at once what only asks whether the process is there; all else goes its usual way. */
function quick(path: string, usual: Handler | undefined, door: Door): Handler {
  const answers = (method: string) =>
    door.http.metrics.counter("http_requests_total", { method, path, status: "200" });
  const counts: Readonly<Record<string, { value: number }>> = { GET: answers("GET"), HEAD: answers("HEAD") };
  const { hasCredential, isLoopbackBind } = door.rules;
  const isAnyHost = hasCredential || !isLoopbackBind;
  return (request, server) => {
    const count = counts[request.method];
    if (count === undefined || door.isStopping) return usual?.(request, server);
    // Nothing of the caller counts here but, where that is asked for, the name it calls this machine by.
    const misdirected = isAnyHost ? undefined : denyHost(peerOf(request, server), door.rules);
    if (misdirected !== undefined) return misdirected;
    count.value += 1;
    return door.alive();
  };
}

function received(
  request: Request,
  server: Server,
  { door, behind }: { door: Door; behind: Behind },
): Response | Promise<Response> {
  const peer = peerOf(request, server);
  const misdirected = denyHost(peer, door.rules);
  if (misdirected !== undefined) return misdirected;
  const mayBeSilent = (seconds: number) => server.timeout(request, seconds);
  return answer({ request, peer, mayBeSilent }, behind, door.http);
}

function peerOf(request: Request, server: Server) {
  return describePeer(server.requestIP(request)?.address, request.headers);
}

/** While the gateway is being opened nobody knows yet which paths there will be. */
function unknownPath(door: Door): Behind {
  const starting = () => json({ ok: false, error: "the gateway is starting" }, 503, { "Retry-After": "1" });
  return { path: undefined, answer: () => (door.isOpen ? notFound() : starting()) };
}

function stopper(servers: readonly Server[], door: Door, { hub, log }: ListenOptions): Listener["stop"] {
  const run = async (options: StopOptions) => {
    door.isStopping = true;
    hub.publish("shutdown", shutdownNotice(options));
    const drain = drained(options).catch((error: unknown) => {
      log.error("stopping: runs did not end well", { error });
    });
    await Promise.all([drain, landed(door, Math.min(landingMs, options.budgetMs))]);
    for (const connection of [...door.connections]) connection.close(goingAway);
    door.refusals[Symbol.dispose]();
    await endsWithin(farewellMs, Promise.all(servers.map((server) => server.stop())));
    await Promise.all(servers.map((server) => server.stop(true)));
  };
  let stopped: Promise<void> | undefined;
  return (options) => {
    stopped ??= run(options);
    return stopped;
  };
}

/** Waits for what is being answered, and ends what takes longer. */
async function landed({ flights }: Door, budgetMs: number): Promise<void> {
  if (!(await endsWithin(budgetMs, flights.landed()))) flights.cutAll();
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
