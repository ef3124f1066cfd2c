import { Secret } from "@carapace/config";
import { type MethodName, methodContracts, ok, refuse } from "@carapace/protocol";
import { temporaryState } from "@carapace/state/testing";
import { createArrivals } from "../../audit/arrivals.ts";
import { createHub, type Hub } from "../../connection/hub.ts";
import { defaultLimits } from "../../connection/limits.ts";
import { createCsrf } from "../../http/csrf.ts";
import type { Route } from "../../http/route.ts";
import type { HttpSettings } from "../../http/settings.ts";
import type { Log } from "../../log/log.ts";
import { createMetrics } from "../../metrics/metrics.ts";
import { createDevicePairing, type DevicePairing } from "../../pairing/devices.ts";
import type { MethodHandlers } from "../../types.ts";
import { listen } from "../listener.ts";
import type { Listener, ListenOptions } from "../options.ts";
import { openClient, type TestClient } from "./client.ts";

/** A listener with everything it needs, and nothing behind its methods but `health`. */
export interface TestListener extends AsyncDisposable {
  readonly listener: Listener;
  readonly hub: Hub;
  readonly pairing: DevicePairing;
  readonly url: string;
  readonly http: string;
  /** What was logged as an error. */
  readonly faults: readonly string[];
  open(headers?: Record<string, string>): Promise<TestClient>;
}

export const testToken = "test-gateway-token";

export interface TestListenerOptions extends Partial<Omit<ListenOptions, "limits">> {
  readonly limits?: Partial<ListenOptions["limits"]>;
  readonly methods?: Partial<MethodHandlers>;
  /** Served beside the listener's own; `"starting"`: the gateway is not open yet. */
  readonly routes?: readonly Route[] | "starting";
  /** Instead of the configuration's defaults. */
  readonly http?: Partial<HttpSettings>;
}

/** The defaults of the configuration. */
const usualSettings: HttpSettings = {
  trusted: new Set(),
  rates: { isEnabled: true, prefixes: [], rest: { perSecond: 100, burst: 200 } },
  failedLoginsPerMinute: 10,
};

export async function startTestListener(options: TestListenerOptions = {}): Promise<TestListener> {
  const { limits, methods, routes = [], http, ...rest } = options;
  await using opened = new AsyncDisposableStack();
  const { state } = opened.use(await temporaryState());
  const nowMs = rest.nowMs ?? Date.now;
  const newId = () => crypto.randomUUID();
  const faults: string[] = [];
  const log = logInto(faults);
  const hub = opened.use(createHub({ nowMs }));
  const pairing = createDevicePairing({ devices: state.devices, audit: state.audit, hub, nowMs, newId, log });
  const health = () => ({
    ts: 1,
    status: "healthy" as const,
    ws: { ...hub.counters(), matrixVerificationRateLimitDropTotal: 0, maxBufferedBytes: 1_572_864 },
  });
  const listener = listen({
    hostname: "127.0.0.1",
    port: 0,
    credentials: { mode: "token", secret: new Secret(testToken), allowTailscale: false },
    controlUi: { allowInsecureAuth: false, dangerouslyDisableDeviceAuth: false },
    server: { version: "0.0.0-test", host: "test" },
    startedAtMs: nowMs(),
    nowMs,
    newId,
    hub,
    pairing,
    arrivals: createArrivals({ audit: state.audit, log }),
    health,
    isReady: () => true,
    facts: async () => ({ connectedChannels: 0, totalChannels: 0, storageWritable: true, state: "healthy" }),
    hooksToken: () => undefined,
    httpSettings: () => ({ ...usualSettings, ...http }),
    csrf: createCsrf({ nowMs, randomBytes: (count) => crypto.getRandomValues(new Uint8Array(count)) }),
    metrics: createMetrics(),
    log,
    ...rest,
    limits: { ...defaultLimits, ...limits },
    handlers: table({ health: () => ok(health()), ...methods }),
  });
  if (!listener.ok) throw new Error(listener.say);
  opened.defer(() => listener.value.stop({ reason: "test over", budgetMs: 0 }));
  if (routes !== "starting") listener.value.serve(routes);
  const closing = opened.move();
  const { port } = listener.value;
  const url = `ws://127.0.0.1:${port}/ws`;
  return {
    listener: listener.value,
    hub,
    pairing,
    url,
    http: `http://127.0.0.1:${port}`,
    faults,
    open: (headers) => openClient(url, headers),
    [Symbol.asyncDispose]: () => closing.disposeAsync(),
  };
}

/** Every method of the contract; those a test does not bring are refused. */
function table(methods: Partial<MethodHandlers>): MethodHandlers {
  const absent = (name: string) => [name, () => refuse("unavailable", "not part of this test")] as const;
  const names = Object.keys(methodContracts) as MethodName[];
  return { ...(Object.fromEntries(names.map(absent)) as unknown as MethodHandlers), ...methods };
}

function logInto(faults: string[]): Log {
  const ignore = () => undefined;
  return {
    debug: ignore,
    info: ignore,
    warn: ignore,
    error: (message, fields) => void faults.push(`${message} ${String(fields?.["error"] ?? "")}`),
  };
}
