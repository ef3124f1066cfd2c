import type { SetupAnswers } from "./answers.ts";
import { authModeFlags } from "./choice.ts";
import type { SetupReport, SetupStatus } from "./report.ts";

type Next = SetupReport["next"];

/** Pure. Runs the same setup once more; what else is configured stays. */
export function rerunOf({ provider, model, outcome }: SetupAnswers): string {
  const takesMode = provider.provider === "anthropic" || provider.provider === "gemini";
  return [
    `cara setup --merge --provider ${provider.provider}`,
    ...(takesMode ? [`--auth-mode ${authModeFlags[provider.mode]}`] : []),
    ...(model === undefined ? [] : [`--model ${model}`]),
    ...(outcome === "local-chat" ? [] : [`--outcome ${outcome}`]),
  ].join(" ");
}

const chat = { command: "cara chat", says: "talk to the assistant" };
const stays = { command: "cara service install", says: "run it in the background, from each login on" };
const runs = { command: "cara start", says: "run the gateway in this terminal" };

/**
 * Pure. The three commands that make sense after a setup, in their order.
 * @param hasServices whether a service manager can be had here
 */
export function nextCommands(answers: SetupAnswers, status: SetupStatus, hasServices: boolean): Next {
  return status === "invalid" ? mending(answers) : byOutcome(answers, hasServices);
}

/** What was set up cannot answer yet; without a model it could. */
function mending(answers: SetupAnswers): Next {
  const { model: _, ...rest } = answers;
  const without = rerunOf({ ...rest, provider: { provider: "offline" } });
  return [
    { command: rerunOf(answers), says: "try again, once the above is mended" },
    { command: verifyOf(answers), says: "see whether it works" },
    answers.provider.provider === "offline"
      ? chat
      : { command: without, says: "go on without a model for now" },
  ];
}

function byOutcome(answers: SetupAnswers, hasServices: boolean): Next {
  const verify = { command: verifyOf(answers), says: "prove that it works, now and after a change" };
  switch (answers.outcome) {
    case "local-chat":
      return answers.provider.provider === "offline"
        ? [chat, { command: "cara setup --merge", says: "add a language model" }, hasServices ? stays : runs]
        : [chat, verify, hasServices ? stays : runs];
    case "hooks":
      return [
        { ...runs, says: "run the gateway, which takes the calls" },
        verify,
        { command: "cara hooks add --help", says: "say what becomes of a call" },
      ];
    case "matrix":
      // Its channel is not in this version: there is nothing to prove yet but the account.
      return [
        chat,
        { ...verify, says: "check the account; the channel itself comes in a later version" },
        hasServices ? stays : runs,
      ];
    case "discord":
    case "telegram":
      return [verify, runs, hasServices ? stays : chat];
  }
}

/** A real message is only sent where the owner said where to. */
function verifyOf({ outcome, channel }: SetupAnswers): string {
  const verify = `cara verify --outcome ${outcome}`;
  if (outcome === "local-chat" || outcome === "hooks") return verify;
  const to = channel?.verifyTo;
  if (to === undefined) return `${verify} --${outcome}-to <id>`;
  // A group of Telegram has a negative number, which would be taken for an option.
  return `${verify} --${outcome}-to${to.startsWith("-") ? "=" : " "}${quoted(to)}`;
}

function quoted(text: string): string {
  return /^[A-Za-z0-9_.:@-]+$/.test(text) ? text : `'${text.replaceAll("'", "'\\''")}'`;
}
