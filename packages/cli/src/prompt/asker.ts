import type { Secret } from "@carapace/config";

/** Why questions come to an end before their time: Ctrl-C or a signal; the input is over. */
type StopReason = "interrupt" | "end";

/** What came of a question. */
export type Asked<T> =
  | { readonly kind: "answer"; readonly value: T }
  /** Esc: the question before this one, please. */
  | { readonly kind: "back" }
  | { readonly kind: "stop"; readonly why: StopReason };

export interface Option<V extends string> {
  readonly value: V;
  readonly label: string;
  readonly hint?: string;
}

export interface ChooseAsk<V extends string> {
  readonly message: string;
  readonly options: readonly Option<V>[];
  /** The first option unless told. */
  readonly initial?: V;
}

interface ConfirmAsk {
  readonly message: string;
  readonly initial: boolean;
}

/** @returns why a line is no answer, in a sentence; undefined if it is one */
export type LineCheck = (line: string) => string | undefined;

export interface LineAsk {
  readonly message: string;
  /** What Enter alone answers; what is typed takes its place. */
  readonly initial?: string;
  /** Shown while nothing is typed; it is no answer. */
  readonly example?: string;
  readonly check?: LineCheck;
  /** What looks like a secret is none: names that are made like keys. */
  readonly mayLookSecret?: true;
}

export interface SecretAsk {
  readonly message: string;
  readonly check?: LineCheck;
  /** Shows what is typed: the owner asked for it. */
  readonly isShown: boolean;
}

/** How loud a remark is. */
export type Tone = "plain" | "good" | "warning" | "bad";

/**
 * Asks a person at a terminal, one question at a time. Answers are trimmed, on one line, without hidden characters; what
 * is shown may hold words of others, and steers no terminal.
 */
export interface Asker extends Disposable {
  choose<V extends string>(ask: ChooseAsk<V>): Promise<Asked<V>>;
  confirm(ask: ConfirmAsk): Promise<Asked<boolean>>;
  line(ask: LineAsk): Promise<Asked<string>>;
  secret(ask: SecretAsk): Promise<Asked<Secret>>;
  /** A line is asked for until something else happens: `came` then. */
  lineOr<T>(ask: LineAsk, other: Promise<T>): Promise<Asked<{ typed: string } | { came: T }>>;
  /** Says what is being done while it is; Esc and Ctrl-C end it through its signal. */
  during<T>(message: string, work: (signal: AbortSignal) => Promise<T>): Promise<Asked<T>>;
  say(text: string, tone?: Tone): void;
  /** What stands above everything. */
  begin(title: string): void;
  /** The last word; the terminal is given back with the disposal. */
  finish(text: string): void;
}
