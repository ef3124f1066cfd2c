import { version } from "@carapace/protocol/version";
import type { ExitCode } from "../command/definition.ts";
import { cleanLine } from "../output/clean.ts";
import { createConversation } from "./conversation.ts";
import { listenForInterrupts } from "./interrupts.ts";
import { type LinkAsk, openChatLink } from "./link.ts";
import { answer, type LoopParts, runChatLoop } from "./loop.ts";
import { damageLine, earlierOf, modelHint, resumeLine } from "./opening.ts";
import { createScreen, type Screen } from "./screen.ts";
import { openTerminal } from "./terminal.ts";

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
  const isOneShot = ask.message !== undefined;
  using terminal = openTerminal({ term: world.env["TERM"], nowMs: world.nowMs, readsLines: !isOneShot });
  const { input, editor, progress } = terminal;
  using interrupts = listenForInterrupts({ signals: process, goesOn: editor !== undefined });
  world.out.whenBroken(interrupts.leave);

  const screen = createScreen(world.out, progress);
  const sessionKey = ask.isNew ? `cli-chat-${world.newId()}` : "cli-chat";
  const onModel = isOneShot ? () => {} : hintOnce(screen);
  const conversation = createConversation({ link, screen, newId: world.newId, sessionKey, onModel });
  const isInteractive = editor !== undefined;
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
  if (!ask.isNew) {
    const { messages, damage } = await earlierOf(link.connection(), sessionKey);
    const said = damage === undefined ? resumeLine(sessionKey, messages) : damageLine(sessionKey, damage);
    if (said !== undefined) world.out.note(cleanLine(said));
    editor?.recall(messages);
  }
  return await runChatLoop(parts);
}

/** Says once that only the built-in assistant answers. */
function hintOnce(screen: Screen): (model: string) => void {
  let hasHinted = false;
  return (model) => {
    const hint = hasHinted ? undefined : modelHint(model);
    hasHinted = true;
    if (hint !== undefined) screen.notice(hint);
  };
}

async function oneShot(parts: LoopParts, message: string): Promise<ExitCode> {
  const outcome = await answer(parts, message);
  if (outcome.kind === "lost") return parts.out.fail(outcome.say);
  if (outcome.kind === "cancelled") return 130;
  return outcome.kind === "failed" ? 1 : 0;
}
