import type { Output } from "./output/output.ts";

/** What commands get from the process; tests hold the parts they need. */
export interface CliWorld {
  /**
   * The process environment: for `config` and the gateway. A command itself reads only what says how its own process
   * prints: `CARAPACE_LOG`, `CARAPACE_DEV` and `NO_COLOR` in start, `TERM` in chat, `TERM`,
   * `NO_COLOR` and the locale in setup;
   * and import where other programs keep their files.
   */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly out: Output;
  readonly nowMs: () => number;
  /** UUID v4. */
  readonly newId: () => string;
}
