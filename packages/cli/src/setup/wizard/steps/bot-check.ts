import { botVendors, secretOf } from "@carapace/config";
import type { Bot } from "../../../verify/channels/bots.ts";
import { asksEverything, type StepContext } from "../context.ts";
import { type AnyStep, type Stepped, step } from "../flow.ts";
import { askWriteAnyway } from "./write-anyway.ts";

const botChecked = step({
  sets: "botChecked",
  isAsked: ({ answers }) =>
    (answers.outcome === "discord" || answers.outcome === "telegram") &&
    answers.botToken !== undefined &&
    answers.botToken.kind !== "none",
  isSilent: (context) => !asksEverything(context),
  async ask(context): Promise<Stepped<boolean>> {
    const { asker, answers } = context;
    const bots = await import("../../../verify/channels/bots.ts");
    const bot = answers.outcome === "discord" ? bots.discord : bots.telegram;
    const wanted = asksEverything(context)
      ? await asker.confirm({ message: `Ask ${bot.label} now whether it takes the token?`, initial: true })
      : ({ kind: "answer", value: true } as const);
    if (wanted.kind !== "answer" || !wanted.value) return wanted;
    const checked = await asker.during(`Asking ${bot.label} ... (Esc: back)`, (signal) =>
      askVendor(bot, context, signal),
    );
    if (checked.kind !== "answer") return checked;
    if (checked.value.ok) {
      asker.say(`The token is that of ${checked.value.value.name}.`, "good");
      return { kind: "answer", value: true };
    }
    asker.say(checked.value.say, "bad");
    return await askWriteAnyway(asker, `To mend it: ${bot.advice.newToken}.`, false);
  },
});

async function askVendor(bot: Bot, { answers, world }: StepContext, signal: AbortSignal) {
  const adapter = await bot.adapter();
  const { botToken } = answers;
  const text = botToken?.kind === "typed" ? botToken.secret.reveal() : world.env[bot.tokenVariable];
  const token = secretOf(text);
  if (token === undefined) throw new Error("the token was not asked for");
  const baseUrl = world.env[bot.urlVariable]?.trim().replace(/\/+$/, "") || botVendors[bot.id];
  return await adapter.checkToken({ botToken: token, baseUrl, nowMs: world.nowMs }, signal);
}

export const botCheckSteps: readonly AnyStep[] = [botChecked];
