import type { Block, Origin, Result } from "@carapace/protocol";
import type { SessionMetadata } from "@carapace/state";
import type { Acceptance, RunOptions } from "../runs/types.ts";
import type { Speaker } from "../sessions/scope.ts";

/** A message on its way in, whoever brought it: a connection, an HTTP request, a channel, a schedule. */
export interface Inbound {
  /** Becomes the run's id: the same one again changes nothing (websocket.md §11). */
  readonly runId: string;
  /** Whose text it is. */
  readonly origin: Origin;
  readonly message: string;
  /** Instead of the message and what stands before it: labelled pieces, of several origins or with files. */
  readonly blocks?: readonly Block[];
  /** What stands before it, each text with its own label: the program's words around a stranger's, say. */
  readonly preface?: readonly { readonly text: string; readonly origin: Origin }[];
  /** The conversation it is for; without, the one its speaker shares under `session.scope`. */
  readonly session: SessionHint;
  readonly speaker: Speaker;
  /** What the session shall remember of it. */
  readonly metadata: SessionMetadata;
  readonly wishes: Wishes;
}

interface SessionHint {
  /** An id, which must exist. */
  readonly id?: string | undefined;
  /** A key, or a hint that becomes one (state.md §3.2). */
  readonly name?: string | undefined;
}

/** What its sender asks of the turn. */
export type Wishes = Omit<RunOptions, "purpose" | "announce" | "say">;

/**
 * What becomes of a message. `turn`: an assistant answers; refused if none can. `chat`: it joins the history in any
 * case, and all learn of it; an assistant answers if one can. `note`: it joins the history, nobody answers.
 */
export type Handling = "turn" | "chat" | "note";

/** The one door for messages. */
export interface Ingress {
  /**
   * Durable before it returns; the turn then starts by itself.
   * @returns `not_found` for an id of no session, `conflict` for a damaged one, `unavailable` while too many wait, and
   * for a `turn` whatever keeps a model from answering.
   */
  submit(inbound: Inbound, handling: Handling): Promise<Result<Acceptance>>;
}
