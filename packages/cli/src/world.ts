import type { Output } from "./output/output.ts";

/** What commands get from the process; tests hold the parts they need. */
export interface CliWorld {
  /** The process environment: handed on to `config` and the gateway, never read by a command itself. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly out: Output;
  readonly nowMs: () => number;
  /** UUID v4. */
  readonly newId: () => string;
}
