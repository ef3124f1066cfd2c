import type { Tool } from "@carapace/agent";
import type { ChannelRegistry, Outbox } from "@carapace/channels";
import type { ConfigStore } from "@carapace/config";
import type { HealthResult } from "@carapace/protocol";
import type { State } from "@carapace/state";
import type { Hub } from "../connection/hub.ts";
import type { Cron } from "../cron/cron.ts";
import type { Heartbeat } from "../heartbeat.ts";
import type { Hooks } from "../hooks/hooks.ts";
import type { Ingress } from "../ingress/types.ts";
import type { GatewayLog } from "../log/log.ts";
import type { ModelDesk } from "../models/desk.ts";
import type { DevicePairing } from "../pairing/devices.ts";
import type { Runs } from "../runs/types.ts";
import type { SystemEventDesk } from "../system-events/system-events.ts";
import type { World } from "../types.ts";
import type { UsageTracking } from "../usage/tracking.ts";

/** What the running gateway says of itself. */
export interface GatewayFacts {
  readonly version: string;
  readonly startedAtMs: number;
  readonly stateDir: string;
  readonly platform: string;
  readonly arch: string;
}

/** Everything the methods work with; each family takes what it uses. */
export interface Services {
  readonly world: World;
  readonly state: State;
  readonly config: ConfigStore;
  readonly hub: Hub;
  readonly runs: Runs;
  readonly ingress: Ingress;
  readonly models: ModelDesk;
  readonly usage: UsageTracking;
  readonly log: GatewayLog;
  readonly heartbeat: Heartbeat;
  readonly pairing: DevicePairing;
  readonly channels: ChannelRegistry;
  readonly outbox: Outbox;
  readonly systemEvents: SystemEventDesk;
  readonly cron: Cron;
  readonly hooks: Hooks;
  readonly facts: GatewayFacts;
  /** The tools that all turns have; loaded when they are first asked for. */
  readonly tools: () => Promise<readonly Tool[]>;
  readonly health: () => HealthResult;
  /** Every secret text this gateway knows of, to be masked where something is shown. */
  readonly secrets: () => readonly string[];
}
