import type { HealthResult } from "@carapace/protocol";
import type { Arrivals } from "../audit/arrivals.ts";
import type { Credentials } from "../connection/credentials.ts";
import type { ControlUiTrust } from "../connection/handshake.ts";
import type { ServerIdentity } from "../connection/hello.ts";
import type { Hub } from "../connection/hub.ts";
import type { ConnectionLimits } from "../connection/limits.ts";
import type { Whois } from "../connection/tailscale.ts";
import type { StatusFacts } from "../control/status.ts";
import type { BodyTimes } from "../http/body.ts";
import type { Csrf } from "../http/csrf.ts";
import type { FailingCheck } from "../http/health.ts";
import type { Route } from "../http/route.ts";
import type { HttpSettings } from "../http/settings.ts";
import type { Log } from "../log/log.ts";
import type { Metrics } from "../metrics/metrics.ts";
import type { DevicePairing } from "../pairing/devices.ts";
import type { MethodHandlers } from "../types.ts";

/** Everything the listener needs of the gateway. */
export interface ListenOptions {
  /** An address or a host name; IPv6 without brackets. */
  readonly hostname: string;
  /** 0: any free one. */
  readonly port: number;
  readonly limits: ConnectionLimits;
  readonly credentials: Credentials;
  /** `tailscale serve` forwards to this port; absent: no. */
  readonly isTailnetServed?: boolean;
  readonly controlUi: ControlUiTrust;
  /** Absent: tailnet logins are never confirmed. */
  readonly whois?: Whois;
  readonly server: ServerIdentity;
  readonly startedAtMs: number;
  readonly nowMs: () => number;
  /** UUID v4. */
  readonly newId: () => string;
  readonly hub: Hub;
  readonly pairing: Pick<DevicePairing, "isLiveToken" | "admit">;
  readonly arrivals: Arrivals;
  readonly handlers: MethodHandlers;
  readonly health: () => HealthResult;
  /** Whether the gateway can do its work; a stop is the listener's own knowledge. */
  readonly isReady: () => boolean | Promise<boolean>;
  /** Why it cannot, for its owner. */
  readonly failing?: () => Promise<readonly FailingCheck[]>;
  readonly facts: () => Promise<StatusFacts>;
  /** `gateway.hooks.token` as it is now. */
  readonly hooksToken: () => string | undefined;
  /** What the configuration says of HTTP; read at the start and with each `serve`. */
  readonly httpSettings: () => HttpSettings;
  readonly csrf: Csrf;
  readonly metrics: Pick<Metrics, "count" | "counter" | "observe" | "read">;
  /** 30 s, 10 s without a byte, unless told. */
  readonly bodyTimes?: BodyTimes;
  readonly log: Log;
}

/** How to stop. */
export interface StopOptions {
  /** For the `shutdown` event: `SIGTERM`, say. */
  readonly reason: string;
  /** Waits for what still runs; its signal fires when the budget is spent. */
  readonly drain?: (signal: AbortSignal) => Promise<void>;
  /** How long `drain` may take. */
  readonly budgetMs: number;
}

/** An open port. */
export interface Listener {
  readonly hostname: string;
  readonly port: number;
  /**
   * Serves these routes beside its own, in place of those it served before, and reads its settings again; what is being
   * answered is not disturbed.
   */
  serve(routes: readonly Route[]): void;
  /**
   * Lets nobody new in and says so (`/health/ready` 503), tells the connected (`shutdown`), waits for `drain`, closes
   * every socket with 1001 and the port. Twice is as good as once. Never throws.
   */
  stop(options: StopOptions): Promise<void>;
}
