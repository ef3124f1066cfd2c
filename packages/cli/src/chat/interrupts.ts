import type { ExitCode } from "../command/definition.ts";

/** What signals mean to a chat. Keys of a terminal in raw mode do not come this way. */
export interface Interrupts extends Disposable {
  /** Resolves with the exit code once a signal asks for the end of the chat. */
  readonly left: Promise<ExitCode>;
  hasLeft(): boolean;
  /** Ends the chat as SIGTERM does. */
  leave(): void;
  /** While a reply is being written, an interrupt stops the reply first. @returns a function that ends this */
  during(act: () => void): () => void;
}

/** The part of `process` this needs. */
interface SignalSource {
  on(signal: NodeJS.Signals, act: () => void): unknown;
  off(signal: NodeJS.Signals, act: () => void): unknown;
  /** Ends the process at once. */
  exit(code: number): void;
}

export interface InterruptAsk {
  readonly signals: SignalSource;
  /** True for a chat that goes on after an interrupted reply; a script or one-shot ends with it. */
  readonly goesOn: boolean;
}

/**
 * SIGINT during a reply stops the reply; at the prompt, on a second time, or in a script it ends the chat with 130.
 * SIGTERM and SIGHUP end the chat in order; a second of them at once.
 */
export function listenForInterrupts({ signals, goesOn }: InterruptAsk): Interrupts {
  const left = Promise.withResolvers<ExitCode>();
  let hasLeft = false;
  let stopReply: (() => void) | undefined;
  const leave = (): void => {
    if (hasLeft) signals.exit(130);
    hasLeft = true;
    stopReply?.();
    left.resolve(130);
  };
  const interrupt = (): void => {
    if (stopReply !== undefined && goesOn) stopReply();
    else leave();
  };
  signals.on("SIGINT", interrupt);
  signals.on("SIGTERM", leave);
  signals.on("SIGHUP", leave);
  return {
    left: left.promise,
    hasLeft: () => hasLeft,
    leave,
    during(act) {
      stopReply = act;
      return () => {
        stopReply = undefined;
      };
    },
    [Symbol.dispose]: () => {
      signals.off("SIGINT", interrupt);
      signals.off("SIGTERM", leave);
      signals.off("SIGHUP", leave);
    },
  };
}
