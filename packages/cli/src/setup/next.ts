import type { SetupAnswers } from "./answers.ts";
import { authModeFlags } from "./choice.ts";
import type { SetupReport, SetupStatus } from "./report.ts";

type Next = SetupReport["next"];

/** Pure. Runs a setup with the same provider and model once more, over what is there. */
export function rerunOf({
  provider,
  model,
  outcome,
}: Pick<SetupAnswers, "provider" | "model" | "outcome">): string {
  const takesMode = provider.provider === "anthropic" || provider.provider === "gemini";
  return [
    `cara setup --force --provider ${provider.provider}`,
    ...(takesMode ? [`--auth-mode ${authModeFlags[provider.mode]}`] : []),
    ...(model === undefined ? [] : [`--model ${model}`]),
    ...(outcome === "local-chat" ? [] : [`--outcome ${outcome}`]),
  ].join(" ");
}

const chat = { command: "cara chat", says: "talk to the assistant" };
const stays = { command: "cara service install", says: "keep it running, also after you log out" };

/** Pure. The three commands that make sense after a setup, in their order. */
export function nextCommands(answers: SetupAnswers, status: SetupStatus): Next {
  if (status === "invalid") return [...mending(answers), chat];
  return byOutcome(answers);
}

/** What was set up cannot answer yet. */
function mending(answers: SetupAnswers): Next {
  return [
    { command: rerunOf(answers), says: "try again, once the above is mended" },
    { command: `cara verify --outcome ${answers.outcome}`, says: "see whether it works" },
  ];
}

function byOutcome(answers: SetupAnswers): Next {
  const verify = { command: verifyOf(answers), says: "prove that it works" };
  switch (answers.outcome) {
    case "local-chat":
      return answers.provider.provider === "offline"
        ? [chat, { command: "cara setup --force", says: "add a language model" }, stays]
        : [chat, verify, stays];
    case "hooks":
      return [
        { command: "cara start", says: "run the gateway, which takes the calls" },
        verify,
        { command: "cara hooks add --help", says: "say what becomes of a call" },
      ];
    case "discord":
    case "telegram":
    case "matrix":
      return [verify, { command: "cara start", says: "run the gateway" }, stays];
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
