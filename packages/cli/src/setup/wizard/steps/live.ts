import { checkLive, type LiveFinding } from "../../live.ts";
import { providerAnswer } from "../assemble.ts";
import { asksEverything, type StepContext } from "../context.ts";
import { type AnyStep, type Stepped, step } from "../flow.ts";
import { labelOf } from "./start.ts";
import { askWriteAnyway } from "./write-anyway.ts";

const live = step({
  sets: "live",
  isAsked: ({ answers }) => answers.provider !== "offline",
  isSilent: (context) => !asksEverything(context) || context.answers.profile !== undefined,
  async ask(context): Promise<Stepped<LiveFinding>> {
    const wanted = await isWanted(context);
    if (wanted.kind !== "answer") return wanted;
    if (!wanted.value) return skipped;
    const { asker, answers, world } = context;
    const answer = providerAnswer(answers, world.env);
    const provider = labelOf(answers.provider ?? "offline");
    const found = await asker.during(`Asking ${provider} ... (Esc: back)`, (signal) =>
      checkLive({ answer, model: answers.model, world, signal }),
    );
    if (found.kind !== "answer") return found;
    asker.say(found.value.detail, tones[found.value.status]);
    if (found.value.status !== "fail") return found;
    return await askWriteAnyway(asker, found.value.remediation, found.value);
  },
});

const tones = { pass: "good", skip: "plain", fail: "bad" } as const;
const yes = { kind: "answer", value: true } as const;
const skipped = { kind: "answer", value: { status: "skip", detail: "It was not wanted." } } as const;

/** In the quick way it is not asked; a sign-in was proven when it was made. */
async function isWanted(context: StepContext) {
  const { asker, answers } = context;
  if (context.wishes.skipsLiveCheck) return { kind: "answer", value: false } as const;
  if (!asksEverything(context) || answers.profile !== undefined) return yes;
  return await asker.confirm({
    message: `Ask ${labelOf(answers.provider ?? "offline")} now whether this works?`,
    initial: true,
  });
}

export const liveSteps: readonly AnyStep[] = [live];
