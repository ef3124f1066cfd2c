import type { ConfigSnapshot } from "@carapace/config";
import type { Settings } from "../link/settings.ts";
import type { Target } from "../link/target.ts";
import type { CliWorld } from "../world.ts";
import type { Check } from "./check.ts";

/** What can be proven (cli.md §3.12); `auto` is the one that the configuration is made for. */
export const verifyOutcomes = [
  "auto",
  "local-chat",
  "discord",
  "telegram",
  "matrix",
  "hooks",
  "autonomy",
] as const;
export type VerifyOutcome = (typeof verifyOutcomes)[number];
export type ProvenOutcome = Exclude<VerifyOutcome, "auto">;

/** Where real messages are sent to; without one, a send path is left out. */
interface Destinations {
  /** A channel's id. */
  readonly discord?: string;
  /** A chat's id, or `@channel`. */
  readonly telegram?: string;
  /** A room's id. */
  readonly matrix?: string;
}

/** A gateway that is not this machine's own: it is never started from here, and its configuration is not read. */
interface RemoteGateway {
  readonly host: string | undefined;
  readonly tls: boolean;
  readonly trust: boolean;
  /** The owner lets credentials travel unencrypted to another machine. */
  readonly allowPlaintext: boolean;
}

export interface VerifyAsk {
  readonly world: CliWorld;
  /** `auto` unless told. */
  readonly outcome?: VerifyOutcome;
  /** `gateway.port` of the configuration unless told; 0 starts a gateway here on a free port. */
  readonly port?: number;
  readonly to?: Destinations;
  /** Absent: the gateway of this machine, which is started in this process if none runs. */
  readonly remote?: RemoteGateway;
  /** `text` unless told: each check as it is decided. `nothing` also keeps notes off stderr. */
  readonly print?: "text" | "json" | "nothing";
  /** Stops the run; what it started is stopped and closed. */
  readonly signal?: AbortSignal;
}

export interface VerifyReport {
  /** As asked for, if what `auto` stands for could not be found out. */
  readonly outcome: VerifyOutcome;
  readonly port: number;
  /** Address of the gateway, for people. */
  readonly target: string;
  readonly checks: readonly Check[];
  /** Nothing failed, and something passed. */
  readonly ok: boolean;
  /** The signal ended it before all was checked. */
  readonly wasStopped: boolean;
}

/** Which gateway is looked at. */
type Place =
  /** This machine's own. */
  { readonly kind: "here"; readonly port: number } | { readonly kind: "elsewhere"; readonly target: Target };

/** What the checks work with. */
export interface Subject {
  readonly world: CliWorld;
  readonly settings: Settings;
  /** This machine's configuration; of a gateway elsewhere only what the environment says. */
  readonly snapshot: ConfigSnapshot;
  readonly place: Place;
  /** The owner lets credentials travel unencrypted to another machine. */
  readonly allowPlaintext: boolean;
  readonly to: Destinations;
  readonly signal: AbortSignal;
  /** Tells where the gateway was found, or started: then it is `ours`, and ends with the run. */
  readonly onGateway: (address: string, isOurs: boolean) => void;
}

/** The checks of an outcome, told one by one. Contract: what it opened it closes; throws once the signal fires. */
export type Checks = AsyncGenerator<Check, void, undefined>;
