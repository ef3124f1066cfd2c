/** What a service manager is to run, the same for all of them. */
export interface ServicePlan {
  /** Absolute path of the program. */
  readonly program: string;
  readonly args: readonly string[];
  /** Not secret: where things are. It stands in the unit itself. */
  readonly environment: Readonly<Record<string, string>>;
  /** Variables that may be secrets, in an owner-only file; undefined: there is none. */
  readonly environmentFile?: string;
  readonly stateDir: string;
}

/** How a service is. */
export interface ServiceStatus {
  readonly isInstalled: boolean;
  /** It comes up by itself: with the login, or with the machine. */
  readonly isEnabled: boolean;
  readonly isRunning: boolean;
  readonly pid?: number;
  /** What its manager says of it, in its own words. */
  readonly state: string;
}
