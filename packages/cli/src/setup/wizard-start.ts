import type { Result } from "@carapace/protocol";
import type { CliWorld } from "../world.ts";
import type { SetupAnswers } from "./answers.ts";
import type { Detected } from "./detect.ts";
import type { SetupDraft } from "./draft.ts";
import type { SetupMode } from "./finish.ts";
import type { LiveFinding } from "./live.ts";
import type { SetupReport } from "./report.ts";
import type { Present } from "./run.ts";
import type { SetupWishes } from "./wishes.ts";

/** What the wizard starts from, and ends with. Nothing is written before `finish`, but drafts. */
export interface WizardStart {
  readonly world: CliWorld;
  readonly wishes: SetupWishes;
  readonly present: Present;
  /** For tokens and passwords that are made for the owner. */
  readonly random: (bytes: number) => Uint8Array;
  readonly detected: Detected;
  /** What an interrupted run had been told. */
  readonly draft?: SetupDraft;
  /** Kept between the questions, so that an interrupted run can be resumed. Never holds a secret. */
  readonly saveDraft: (draft: SetupDraft) => void;
  /**
   * Writes it all and gives the state directory back, so that a gateway can start; then reads it again and assesses it.
   * Prints nothing: see `tellSummary` and `nextLines` of tell.ts. May be called again after a refusal.
   * @param live what the live check found (live.ts); `skip` if the owner wanted none
   */
  readonly finish: (
    answers: SetupAnswers,
    live: LiveFinding,
    mode: SetupMode,
  ) => Promise<Result<SetupReport>>;
}
