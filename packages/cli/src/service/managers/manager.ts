import type { Result } from "@carapace/protocol/failures";
import type { CliWorld } from "../../world.ts";
import type { ServicePlan, ServiceStatus } from "../plan.ts";

/** What must be known to install a service. */
export interface Installation {
  readonly plan: ServicePlan;
  /** Variables with secrets that the service is to have. */
  readonly secrets: Readonly<Record<string, string>>;
}

/** Whose service it is. */
export interface ServiceOwner {
  readonly env: CliWorld["env"];
  readonly stateDir: string;
  readonly uid: number;
}

/** One of the service managers: systemd's user manager, launchd, the Task Scheduler of Windows. */
export interface ServiceManager {
  readonly label: string;
  /** Where the file that describes the service is written. */
  readonly unitPath: string;
  /** Whether variables can be kept for the service. */
  readonly keepsVariables: boolean;
  /** The unit as it would be written, for a person to read: without secrets. */
  render(plan: ServicePlan): string;
  /** @returns what stands in the way of using it, before anything is written */
  check(): Promise<Result<undefined>>;
  /** Writes the unit, has it start by itself, and starts it. @returns what its owner should know */
  install(installation: Installation): Promise<Result<readonly string[]>>;
  /** Stops it and removes what was written. */
  uninstall(): Promise<Result<undefined>>;
  start(): Promise<Result<undefined>>;
  stop(): Promise<Result<undefined>>;
  status(): Promise<Result<ServiceStatus>>;
  /** The command that prints what the service wrote; undefined where nobody keeps that. */
  logCommand(options: { readonly lines: number; readonly follow: boolean }): readonly string[] | undefined;
}
