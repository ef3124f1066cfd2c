import type { ExitCode } from "../command/definition.ts";
import type { Output } from "../output/output.ts";
import { chatHelp, readChatLine } from "./commands.ts";
import type { Conversation, Outcome } from "./conversation.ts";
import type { ChatInput } from "./input.ts";
import type { Interrupts } from "./interrupts.ts";
import type { Progress } from "./progress.ts";
import type { Screen } from "./screen.ts";

export interface LoopParts {
  readonly input: ChatInput;
  readonly isInteractive: boolean;
  readonly conversation: Conversation;
  readonly screen: Screen;
  readonly progress: Progress;
  readonly out: Output;
  readonly interrupts: Interrupts;
}

/** Reads lines and answers them until the end of the input, `/exit`, or an interrupt that means the whole chat. */
export async function runChatLoop(parts: LoopParts): Promise<ExitCode> {
  let hasFailed = false;
  for (;;) {
    const line = await Promise.race([parts.input.next(), parts.interrupts.left]);
    if (typeof line === "number") return line;
    if (line === undefined) break;
    const asked = readChatLine(line);
    if (asked.kind === "exit") break;
    if (asked.kind === "help") parts.out.note(chatHelp);
    if (asked.kind === "new") {
      parts.conversation.startAnew();
      parts.out.note("A fresh session. The earlier one stays stored.");
    }
    if (asked.kind !== "message") continue;
    const outcome = await answer(parts, asked.text);
    if (outcome.kind === "lost") return parts.out.fail(outcome.say);
    if (outcome.kind === "failed") hasFailed = true;
    if (parts.interrupts.hasLeft()) return await parts.interrupts.left;
  }
  // A script must be able to see that a message of its got no answer.
  return hasFailed && !parts.isInteractive ? 1 : 0;
}

/** Sends one message and shows the reply; Ctrl-C ends the reply only. */
export async function answer(parts: LoopParts, message: string): Promise<Outcome> {
  const stop = new AbortController();
  const interrupt = (): void => {
    if (stop.signal.aborted) return;
    stop.abort();
    parts.screen.notice("[stopping]");
  };
  parts.input.onInterrupt(interrupt);
  const off = parts.interrupts.during(interrupt);
  parts.input.beginReply();
  parts.progress.resume();
  try {
    const outcome = await parts.conversation.say(message, stop.signal);
    parts.screen.endReply();
    if (outcome.kind === "failed") parts.out.fail(outcome.say);
    if (outcome.kind === "cancelled") parts.out.note("[stopped]");
    return outcome;
  } finally {
    parts.progress.pause();
    parts.input.endReply();
    off();
  }
}
