import type { Outcome } from "./answers.ts";
import type { AuthModeFlag, SetupChoice } from "./choice.ts";
import type { ModelChoice } from "./model-rules.ts";

/** What the command line said already, checked; what is absent is asked, or has a default. */
export interface SetupWishes {
  /** From `--provider`, or the prefix of `--model`. */
  readonly provider?: SetupChoice;
  readonly authMode?: AuthModeFlag;
  /** From `--model`; checked for `provider` if there is one, else bare. */
  readonly model?: ModelChoice;
  readonly outcome?: Outcome;
  readonly bind?: "loopback" | "lan";
  readonly port?: number;
  /** Where `cara verify` sends its message to. */
  readonly verifyTo?: string;
  /** The outcome is proven at the end without being asked, and decides the exit code. */
  readonly mustProve?: true;
  /** The provider is not asked whether the key works. */
  readonly skipsLiveCheck?: true;
  /** An existing configuration is replaced, and kept as a backup. */
  readonly force: boolean;
  /** An existing configuration is kept but for what setup asks about. */
  readonly merge: boolean;
}
