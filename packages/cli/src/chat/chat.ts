import { version } from "@carapace/protocol/version";
import type { ExitCode } from "../command/definition.ts";
import { type Conversation, createConversation } from "./conversation.ts";
import { listenForInterrupts } from "./interrupts.ts";
import { type LinkAsk, openChatLink } from "./link.ts";
import { answer, type LoopParts, runChatLoop } from "./loop.ts";
import { modelHint, readOpening, resumeLine } from "./opening.ts";
import { createScreen } from "./screen.ts";
import { type ChatTerminal, openTerminal } from "./terminal.ts";

export interface ChatAsk {
  readonly link: LinkAsk;
  /** One message instead of a conversation. */
  readonly message: string | undefined;
  readonly isNew: boolean;
}

/** A whole chat, from finding a gateway to leaving it (cli.md §3.6). */
export async function runChat(ask: ChatAsk): Promise<ExitCode> {
  const { world } = ask.link;
  const opened = await openChatLink(ask.link);
  if (!opened.ok) return world.out.fail(opened.say);
  await using link = opened.value;
  const terminal = openTerminal(world.env["TERM"], world.nowMs);
  using input = terminal.input;
  const isOneShot = ask.message !== undefined;
  const goesOn = terminal.isInteractive && !isOneShot;
  using interrupts = listenForInterrupts({ signals: process, goesOn });
  world.out.whenBroken(interrupts.leave);

  const screen = createScreen(world.out, terminal.progress);
  const sessionKey = ask.isNew ? `cli-chat-${world.newId()}` : "cli-chat";
  const conversation = createConversation({ link, screen, newId: world.newId, sessionKey });
  const { isInteractive, progress } = terminal;
  const parts: LoopParts = {
    input,
    isInteractive,
    conversation,
    screen,
    progress,
    out: world.out,
    interrupts,
  };
  if (ask.message !== undefined) return await oneShot(parts, ask.message);

  world.out.note(`cara ${version} at ${link.target().address}. /help for help, /exit to leave.`);
  if (isInteractive) await greet(ask, terminal, conversation);
  return await runChatLoop(parts);

  async function greet(asked: ChatAsk, shown: ChatTerminal, talk: Conversation): Promise<void> {
    const opening = await readOpening(link.connection(), talk.sessionKey());
    const lines = [
      modelHint(opening.model),
      asked.isNew ? undefined : resumeLine(talk.sessionKey(), opening),
    ];
    for (const line of lines) if (line !== undefined) asked.link.world.out.note(line);
    if ("recall" in shown.input) shown.input.recall(opening.earlier);
  }
}

async function oneShot(parts: LoopParts, message: string): Promise<ExitCode> {
  const outcome = await answer(parts, message);
  if (outcome.kind === "lost") return parts.out.fail(outcome.say);
  if (outcome.kind === "cancelled") return 130;
  return outcome.kind === "failed" ? 1 : 0;
}
