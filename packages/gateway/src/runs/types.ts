import type { ReplyWishes, TurnEvent } from "@carapace/agent";
import type { Block, Result, RunId, SessionKey } from "@carapace/protocol";
import type { Message, Run, RunOutcome, Session, SessionMetadata } from "@carapace/state";
import type { RunListener } from "./feed.ts";
import type { Place } from "./waiting-budget.ts";

/** A message for a session, with what its sender asked of the turn that answers it. */
export interface RunRequest {
  readonly runId: RunId;
  readonly sessionKey: SessionKey;
  readonly metadata: SessionMetadata;
  readonly blocks: readonly Block[];
  readonly options: RunOptions;
}

/** Kept with the run in the journal, so that a run resumed after a crash is the same run. */
export interface RunOptions {
  /**
   * `turn`: an assistant answers. `note`: the message only joins the history. `refused`: it joins the history and the
   * run fails at once with `say`, because no model could be chosen.
   */
  readonly purpose: "turn" | "note" | "refused";
  readonly say?: string;
  /** False: no `text` and no reply `delta` events. */
  readonly stream: boolean;
  /** Tell the input itself as the first `chat` event (websocket.md §10.3). */
  readonly announce: boolean;
  readonly agentId?: string;
  readonly model?: string;
  readonly route?: string;
  readonly system?: string;
  readonly deliver?: boolean;
  /** True: it is answered in a turn of its own, whatever the queue mode. */
  readonly alone?: boolean;
  /** Provider-specific extras (`venice_parameters`). */
  readonly extra?: unknown;
  /** How the reply is to be made. */
  readonly sampling?: Sampling;
  /** Only lowers the agent's own. */
  readonly maxTurns?: number;
  /** Instead of the agent's own. */
  readonly timeoutSeconds?: number;
  /** Where its reply goes; put into the outbox together with the run's end (channels.md §1.9). */
  readonly delivery?: RunDelivery;
}

/** What a caller asks of how replies are made. */
interface Sampling {
  /** Only lowers what an agent may write. */
  readonly maxTokens?: number;
  readonly temperature?: number;
  readonly reply?: Omit<ReplyWishes, "toolChoice">;
}

/** Where the reply of a run goes. */
export interface RunDelivery {
  readonly channel: string;
  readonly to: string;
  readonly maxAttempts: number;
  /** `run:<id>`, `cron-deliver:<id>`. */
  readonly idempotencyKey: string;
  readonly source: { readonly kind: string; readonly id?: string };
  /** Somebody who is not the owner chose who gets it: it goes out only if he may hear what is in it. */
  readonly isStrangersChoice?: true;
}

export type Acceptance =
  | { readonly kind: "accepted"; readonly run: Run; readonly session: Session }
  | { readonly kind: "duplicate"; readonly run: Run };

/** How a wait for a run ended; `run` is missing if nobody knows the id. */
export interface WaitOutcome {
  readonly kind: "ended" | "timeout";
  readonly run?: Run;
}

/**
 * The runs of this gateway. One turn at a time per session; the other messages of that session wait in the order they
 * were accepted, and what becomes of them the session's queue mode says. Sessions run side by side up to `agents.defaults.maxConcurrent`.
 */
export interface Runs {
  /**
   * Durable before it returns; the turn then starts by itself. A known run id changes nothing.
   * @param read Finds out the rest; an abort of `runId` that arrives meanwhile waits for it.
   * @returns what `read` refuses; `unavailable` while too many messages wait, in the session or in all, or the gateway
   * stops.
   */
  accept(runId: string, read: () => Promise<Result<RunRequest>>): Promise<Result<Acceptance>>;
  /** Cancels a run that waits or runs. @returns false if it had ended, or is unknown. */
  abort(runId: string): Promise<boolean>;
  /** Cancels every waiting and running run of a session. @returns their ids. */
  abortSession(sessionKey: string): Promise<RunId[]>;
  /** @param timeoutMs Waits no longer; an ended or unknown run is answered at once. */
  wait(runId: string, timeoutMs: number, signal: AbortSignal): Promise<WaitOutcome>;
  /** Whether a run of this session waits or runs. */
  isBusy(sessionKey: string): boolean;
  /** Until no run of this session waits or runs. */
  idle(sessionKey: string): Promise<void>;
  /**
   * Everything a run does from now on, for callers inside this process; nothing of what it did before. Follow first,
   * then accept, to miss nothing.
   * @returns what ends it when it is disposed of.
   */
  follow(runId: string, listener: RunListener): Disposable;
  /** How many runs wait or run. */
  size(): number;
  /** Once, before the first `accept`: puts what an earlier process left unfinished back in its place. */
  recover(): Promise<Recovery>;
  /** Stops starting turns, gives the running ones `budgetMs` to end; what is left the next process goes on with. */
  close(budgetMs: number): Promise<void>;
}

export interface Recovery {
  readonly queued: number;
  readonly resumed: number;
}

/** What memory holds of a run; its message and all that was asked of it stay in the journal until it begins. */
type RunBrief = Pick<Run, "id" | "sessionId" | "sessionKey">;

/** A run in memory: from its acceptance to its end, not longer. */
export interface RunJob {
  readonly run: RunBrief;
  readonly purpose: RunOptions["purpose"];
  readonly events: RunEvents;
  readonly controller: AbortController;
  /** Takes waiting messages into its turn, as the session's queue mode has it and as long as they fit. Never rejects. */
  readonly takeIn: (
    moment: "start" | "step",
    fits: (blocks: readonly Block[]) => boolean,
  ) => Promise<readonly Message[]>;
  /** Held while it waits. */
  readonly place: Place;
  /** Resolves when the run left memory. */
  readonly left: Promise<void>;
  readonly leave: () => void;
}

/**
 * Runs one job until it ended, in the journal too.
 * @returns undefined if it was told to let go (the gateway stops): the run stays unfinished in the journal.
 * Contract: never throws.
 */
export type ExecuteRun = (job: RunJob, release: AbortSignal) => Promise<RunOutcome | undefined>;

/** The events of one run, numbered from 0 over both channels (websocket.md §10.3). */
export interface RunEvents {
  /** The accepted input; the first event. */
  input(text: string): void;
  turn(event: TurnEvent): void;
  /** The run's one ending, unless a turn event told it already. */
  end(outcome: RunOutcome): void;
}
