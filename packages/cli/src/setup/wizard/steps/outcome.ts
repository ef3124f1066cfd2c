import type { Asked } from "../../../prompt/asker.ts";
import type { Given, Outcome } from "../../answers.ts";
import { isSet } from "../../environment.ts";
import { asksEverything, type StepContext } from "../context.ts";
import { type AnyStep, type Step, step } from "../flow.ts";
import { botCheckSteps } from "./bot-check.ts";
import { askGiven, type GivenAsk } from "./given.ts";
import { optionalLine } from "./optional-line.ts";
import {
  homeserverRule,
  keyRule,
  listOf,
  listRule,
  matrixServerRule,
  matrixUserRule,
  passwordRule,
  wordRule,
} from "./rules.ts";

const outcome = step({
  sets: "outcome",
  isAsked: (context) => asksEverything(context) && context.wished.outcome === undefined,
  ask: ({ asker }, before) =>
    asker.choose<Outcome>({
      message: "What is it for, first of all? It can be proven at the end.",
      initial: before ?? "local-chat",
      options: [
        { value: "local-chat", label: "Chat on this machine" },
        { value: "discord", label: "Discord bot" },
        { value: "telegram", label: "Telegram bot" },
        { value: "matrix", label: "Matrix account" },
        { value: "hooks", label: "Calls of other programs (hooks)" },
      ],
    }),
});

const isOutcome =
  (...ids: readonly Outcome[]) =>
  ({ answers }: StepContext): boolean =>
    answers.outcome !== undefined && ids.includes(answers.outcome);

const bots = {
  discord: { label: "Discord", variable: "DISCORD_BOT_TOKEN", to: "channel", example: "1234567890" },
  telegram: { label: "Telegram", variable: "TELEGRAM_BOT_TOKEN", to: "chat", example: "4711 or @name" },
} as const;

function botOf({ answers }: StepContext) {
  return answers.outcome === "discord" || answers.outcome === "telegram" ? bots[answers.outcome] : undefined;
}

const botToken = step({
  sets: "botToken",
  isAsked: isOutcome("discord", "telegram"),
  ask: async (context) => {
    const bot = botOf(context);
    if (bot === undefined) return { kind: "back" };
    return await askGiven(context, {
      what: `${bot.label} bot token`,
      setting: { variables: [bot.variable], path: "" },
      rule: keyRule("bot token"),
      ifBlank: `set up ${bot.label} later`,
    });
  },
});

const hasBot = (context: StepContext): boolean =>
  botOf(context) !== undefined && context.answers.botToken?.kind !== "none";

const verifyTo = step({
  sets: "verifyTo",
  isAsked: (context) => context.wished.verifyTo === undefined && (hasBot(context) || hasMatrix(context)),
  async ask(context, before) {
    const bot = botOf(context);
    const what = bot === undefined ? "room" : bot.to;
    return await optionalLine(context.asker, {
      message: `Which ${what} gets a real test message?`,
      without: "nobody",
      check: wordRule(`the id of a ${what}`, /^[\x21-\x7e]{1,255}$/),
      example: bot?.example ?? "!room:server.org",
      ...(before !== undefined && { initial: before }),
    });
  },
});

const homeserverUrl = step({
  sets: "homeserverUrl",
  isAsked: isOutcome("matrix"),
  ask: ({ asker, world }, before) =>
    optionalLine(asker, {
      message: "Matrix home server",
      without: "set up Matrix later",
      check: homeserverRule,
      example: "https://matrix.example.org",
      initial: before ?? world.env["MATRIX_HOMESERVER_URL"]?.trim() ?? "",
    }),
});

const hasMatrix = (context: StepContext): boolean =>
  isOutcome("matrix")(context) && (context.answers.homeserverUrl ?? "") !== "";

/** Without the config password what Matrix keeps cannot be sealed. */
const canSeal = ({ world }: StepContext): boolean => isSet(world.env, "CARAPACE_CONFIG_PASSWORD");

/** A typed secret of Matrix is kept sealed, or not at all (cli.md §3.10, step 8). */
async function askSealable(context: StepContext, ask: GivenAsk): Promise<Asked<Given>> {
  for (;;) {
    const given = await askGiven(context, ask);
    if (given.kind !== "answer" || given.value.kind !== "typed" || canSeal(context)) return given;
    const name = ask.setting?.variables[0] ?? "";
    context.asker.say(
      `A typed secret of Matrix is only kept sealed: press Ctrl-C, then set ${name} or CARAPACE_CONFIG_PASSWORD and run cara setup again. Esc goes back.`,
      "bad",
    );
  }
}

const matrixStep = <
  K extends "userId" | "matrixSignIn" | "matrixToken" | "deviceId" | "encrypted" | "storePassphrase",
>(
  sets: K,
  ask: Step<K>["ask"],
  when: (context: StepContext) => boolean = () => true,
): AnyStep => step({ sets, ask, isAsked: (context) => hasMatrix(context) && when(context) });

const userId = matrixStep("userId", ({ asker, world }, before) =>
  asker.line({
    message: "Account of the assistant there",
    check: matrixUserRule,
    example: "@assistant:example.org",
    initial: before ?? world.env["MATRIX_USER_ID"]?.trim() ?? "",
  }),
);

const matrixSignIn = matrixStep("matrixSignIn", ({ asker, world }, before) =>
  asker.choose({
    message: "How does the account sign in?",
    initial: before ?? (isSet(world.env, "MATRIX_ACCESS_TOKEN") ? "access-token" : "password"),
    options: [
      { value: "password", label: "Password" },
      { value: "access-token", label: "Access token of a device" },
    ],
  }),
);

const matrixToken = matrixStep("matrixToken", async (context) => {
  const isToken = context.answers.matrixSignIn === "access-token";
  return await askSealable(context, {
    what: isToken ? "Matrix access token" : "Matrix password",
    setting: { variables: [isToken ? "MATRIX_ACCESS_TOKEN" : "MATRIX_PASSWORD"], path: "" },
    rule: isToken ? keyRule("access token") : passwordRule(1),
  });
});

const deviceId = matrixStep(
  "deviceId",
  ({ asker, world }, before) =>
    asker.line({
      message: "Device id of that access token",
      check: wordRule("the id of a device", /^[\x21-\x7e]{1,255}$/),
      initial: before ?? world.env["MATRIX_DEVICE_ID"]?.trim() ?? "",
    }),
  ({ answers }) => answers.matrixSignIn === "access-token",
);

const encrypted = matrixStep("encrypted", ({ asker }, before) =>
  asker.confirm({ message: "Take part in encrypted rooms?", initial: before ?? true }),
);

const storePassphrase = matrixStep(
  "storePassphrase",
  async (context) =>
    await askSealable(context, {
      what: "Passphrase of the store of Matrix keys",
      setting: { variables: ["MATRIX_STORE_PASSPHRASE"], path: "" },
      rule: passwordRule(8),
      ...(canSeal(context) && { ifBlank: "derived from CARAPACE_CONFIG_PASSWORD" }),
    }),
  ({ answers }) => answers.encrypted === true,
);

const list = (
  sets: "allowUsers" | "allowServerNames",
  message: string,
  rule: (text: string) => string | undefined,
): AnyStep =>
  step({
    sets,
    isAsked: (context) => hasMatrix(context) && asksEverything(context),
    async ask({ asker }, before) {
      const asked = await asker.line({
        message,
        check: listRule(rule),
        ...(before !== undefined && { initial: before.join(", ") }),
      });
      return asked.kind === "answer" ? { kind: "answer", value: listOf(asked.value) } : asked;
    },
  });

export const outcomeSteps: readonly AnyStep[] = [
  outcome,
  botToken,
  ...botCheckSteps,
  homeserverUrl,
  userId,
  matrixSignIn,
  matrixToken,
  deviceId,
  encrypted,
  storePassphrase,
  list(
    "allowUsers",
    "Whose invitations does it follow? Accounts apart by commas (Enter alone: nobody's)",
    matrixUserRule,
  ),
  list("allowServerNames", "And those of everyone on which servers? (Enter alone: none)", matrixServerRule),
  verifyTo,
];
