import { createAttempts } from "../connection/attempts.ts";
import type { Connection, ConnectionDeps } from "../connection/connection.ts";
import { createRefusalLog, type RefusalLog } from "../connection/refusal-log.ts";
import { openApiRoute } from "../control/openapi/route.ts";
import { statusRoute } from "../control/status.ts";
import { usualBodyTimes } from "../http/body.ts";
import { createBodyRoom } from "../http/body-room.ts";
import { createFlights, type Flights } from "../http/flights.ts";
import { createAliveAnswer, healthRoutes } from "../http/health.ts";
import type { PipelineDeps } from "../http/pipeline.ts";
import { createRateLimits } from "../http/rate-limits.ts";
import type { Route } from "../http/route.ts";
import type { HttpSettings } from "../http/settings.ts";
import { wait } from "../wait.ts";
import { type Admission, createAdmission } from "./admission.ts";
import type { DoorRules } from "./doorman.ts";
import { isLoopbackBind } from "./exposure.ts";
import type { ListenOptions } from "./options.ts";
import { createWaitingRoom, type WaitingRoom } from "./waiting-room.ts";

/** What the parts of one listener share. */
export interface Door {
  readonly rules: DoorRules;
  readonly admission: Admission;
  readonly waitingRoom: WaitingRoom;
  readonly refusals: RefusalLog;
  readonly connections: Set<Connection>;
  readonly connectionDeps: Omit<ConnectionDeps, "onWelcome">;
  readonly http: PipelineDeps;
  readonly flights: Flights;
  /** `/health`, without the pipeline. */
  readonly alive: () => Response;
  /** What answers before the gateway is open, and as long as nobody else takes it over. */
  readonly ownRoutes: readonly Route[];
  /** All that are served now. */
  routes: readonly Route[];
  settings: HttpSettings;
  isOpen: boolean;
  isStopping: boolean;
}

/** Of bodies that anybody may send, all together. */
const strangersBodies = { maxBytes: 16 * 1024 * 1024, maxBodies: 128 };

export function doorOf(options: ListenOptions): Door {
  const { credentials, limits, hub, nowMs, newId, log, startedAtMs, whois, arrivals } = options;
  const uptimeMs = () => Math.max(0, nowMs() - startedAtMs);
  const attempts = createAttempts(() => door.settings.failedLoginsPerMinute);
  const shared = { credentials, whois, nowMs, uptimeMs, attempts, arrivals, wait };
  const refusals = createRefusalLog(log);
  const flights = createFlights();
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
  const isReady = () => !door.isStopping && options.isReady();
  const door: Door = {
    rules: {
      isLoopbackBind: isLoopbackBind(options.hostname),
      hasCredential: credentials.mode !== "none" && credentials.secret !== undefined,
      isTailnetServed: options.isTailnetServed ?? false,
    },
    admission: createAdmission(limits),
    waitingRoom: createWaitingRoom(limits),
    refusals,
    connections: new Set(),
    connectionDeps,
    http: {
      ...shared,
      newId,
      hooksToken: options.hooksToken,
      hookAttempts: createAttempts(() => door.settings.failedLoginsPerMinute),
      settings: () => door.settings,
      limits: createRateLimits(nowMs),
      csrf: options.csrf,
      flights,
      bodyTimes: options.bodyTimes ?? usualBodyTimes,
      bodyRoom: createBodyRoom(strangersBodies),
      isStopping: () => door.isStopping,
      metrics: options.metrics,
      log,
    },
    flights,
    alive: createAliveAnswer(uptimeMs),
    ownRoutes: [
      ...healthRoutes({ uptimeMs, isReady, failing: options.failing }),
      statusRoute({ startedAtMs, uptimeMs, facts: options.facts }),
      openApiRoute(() => door.routes),
    ],
    routes: [],
    settings: options.httpSettings(),
    isOpen: false,
    isStopping: false,
  };
  options.metrics.read("ws_connections_limited_active", () => door.admission.count);
  return door;
}
