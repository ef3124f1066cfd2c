import type { ConfigStore } from "@carapace/config";
import type { HookDelivery, State } from "@carapace/state";
import type { Arrivals } from "../audit/arrivals.ts";
import type { Ingress } from "../ingress/types.ts";
import type { GatewayLog } from "../log/log.ts";
import type { Runs } from "../runs/types.ts";
import type { SystemEvents } from "../system-events/types.ts";
import type { World } from "../types.ts";
import type { DeliveryLog } from "./delivery-log.ts";
import type { CarryOut } from "./once.ts";
import type { TransformRunner } from "./transforms/types.ts";

/** What hooks are made of. */
export interface HookDeps {
  readonly world: World;
  readonly config: Pick<ConfigStore, "current">;
  readonly state: Pick<State, "answers" | "hookDeliveries" | "sessions" | "settings">;
  readonly ingress: Ingress;
  readonly runs: Pick<Runs, "wait">;
  readonly systemEvents: SystemEvents;
  readonly arrivals: Pick<Arrivals, "refused">;
  /** Ids of the channels that are set up. */
  readonly channels: () => ReadonlySet<string>;
  /** Hears of each call. Contract: must not throw. */
  readonly counted: (outcome: HookDelivery["outcome"]) => void;
  readonly log: GatewayLog;
}

/** What the handlers of the routes work with. */
export interface HookDesk extends Omit<HookDeps, "log"> {
  readonly log: ReturnType<GatewayLog["target"]>;
  readonly carryOut: CarryOut;
  readonly deliveries: DeliveryLog;
  readonly senderKey: () => Promise<string>;
  readonly transforms: () => Promise<TransformRunner>;
}
