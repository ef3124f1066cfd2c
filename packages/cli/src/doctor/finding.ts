import type { Peek } from "@carapace/config/peek";
import type { Result } from "@carapace/protocol";
import type { CliWorld } from "../world.ts";

type FindingStatus = "ok" | "warning" | "problem" | "skipped";

/** What a check found: one sentence, and one command that mends it. */
export interface Finding {
  /** `permissions`, `key`, … */
  readonly check: string;
  readonly status: FindingStatus;
  readonly say: string;
  readonly command?: string;
  /** Mends it without losing anything; undefined where the owner must decide. @returns what it did */
  readonly fix?: () => Promise<Result<string>>;
}

/** What the checks look at. */
export interface Patient {
  readonly world: CliWorld;
  readonly stateDir: string;
  readonly configPath: string;
  /** What a command reads of the configuration; the defaults where it does not load. */
  readonly peek: Peek;
  readonly platform: NodeJS.Platform;
  /** Whether other users could look into the state directory; to take its lock closes it. */
  readonly wasOpen: boolean;
  /** Whether a gateway holds the state directory, and which process it is. */
  readonly gateway: { readonly isRunning: boolean; readonly pid?: number };
}

/** One check. Contract: changes nothing, and throws nothing but faults of this program. */
export type Check = (patient: Patient) => Promise<readonly Finding[]>;
