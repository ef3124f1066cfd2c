import type { OAuthEndpoints, OAuthProvider } from "@carapace/accounts";
import type { Asker } from "../../prompt/asker.ts";
import type { CliWorld } from "../../world.ts";
import type { Detected } from "../detect.ts";
import type { SetupMode } from "../finish.ts";
import { modeOver, type Present } from "../run.ts";
import type { SetupWishes } from "../wishes.ts";
import type { Answers } from "./answers.ts";

/** What the steps work with. */
export interface StepContext {
  readonly asker: Asker;
  readonly world: CliWorld;
  readonly detected: Detected;
  readonly wishes: SetupWishes;
  readonly present: Present;
  /** What the command line said: never asked. */
  readonly wished: Partial<Answers>;
  readonly answers: Partial<Answers>;
  /** Where people sign in: the vendors' own unless a test says otherwise. */
  readonly endpoints?: Readonly<Partial<Record<OAuthProvider, OAuthEndpoints>>>;
  /** Opens a page in the owner's browser. @returns whether there is one */
  readonly openPage: (url: string) => Promise<boolean>;
  /** Bytes nobody can guess. */
  readonly random: (bytes: number) => Uint8Array;
}

/** How the configuration that may be there is met: the flags say, or the owner did. */
export function modeOf({
  answers,
  present,
  wishes,
}: Pick<StepContext, "answers" | "present" | "wishes">): SetupMode {
  return answers.over ?? modeOver(present, wishes);
}

/** True if questions about the gateway itself are asked, which a merge keeps as it is. */
export function asksGateway(context: StepContext): boolean {
  return asksEverything(context) && modeOf(context) !== "merge";
}

/** True if the owner wants to see every question. */
export function asksEverything({ answers }: StepContext): boolean {
  return answers.pace === "every";
}
