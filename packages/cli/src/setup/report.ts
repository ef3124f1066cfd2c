import type { ConfigSnapshot } from "@carapace/config";
import type { Outcome } from "./answers.ts";

/** One finding about what was set up (agent.md §15). */
export interface SetupCheck {
  readonly name: string;
  readonly status: "pass" | "fail" | "skip";
  readonly kind: "requirement" | "validation";
  readonly detail: string;
  /** What to do next. */
  readonly remediation?: string;
}

/** `ready`: a validation passed and nothing failed. `partial`: nothing failed. */
export type SetupStatus = "ready" | "partial" | "invalid";

/** What setting up came to; holds no secret, but in `snapshot`. */
export interface SetupReport {
  readonly path: string;
  /** Where the old configuration is kept. */
  readonly backupPath?: string;
  /** As it was read again after it was written. */
  readonly snapshot: ConfigSnapshot;
  readonly provider: string;
  /** As http.md §12.4 names it, or `none`. */
  readonly authMode: string;
  readonly model: string;
  /** Of a stored sign-in. */
  readonly profile?: { readonly id: string; readonly name?: string; readonly email?: string };
  readonly status: SetupStatus;
  readonly checks: readonly SetupCheck[];
  readonly outcome: Outcome;
  /** Where `cara verify` sends its message to. */
  readonly verifyTo?: string;
  readonly port: number;
  /** What the owner should know. */
  readonly warnings: readonly string[];
  /** Three commands that make sense now, and what each is for. */
  readonly next: readonly { readonly command: string; readonly says: string }[];
}
