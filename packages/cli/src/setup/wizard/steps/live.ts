import { checkLive, type LiveFinding } from "../../live.ts";
import { providerAnswer } from "../assemble.ts";
import { asksEverything, type StepContext } from "../context.ts";
import { type AnyStep, type Stepped, step } from "../flow.ts";
import { labelOf } from "./start.ts";

const live = step({
  sets: "live",
  isAsked: ({ answers }) => answers.provider !== "offline",
  async ask(context): Promise<Stepped<LiveFinding>> {
    const wanted = await isWanted(context);
    if (wanted.kind !== "answer") return wanted;
    if (!wanted.value) return skipped;
    const { asker, answers, world } = context;
    const answer = providerAnswer(answers);
    const provider = labelOf(answers.provider ?? "offline");
    const found = await asker.during(`Asking ${provider} ... (Esc: back)`, (signal) =>
      checkLive({ answer, model: answers.model, world, signal }),
    );
    if (found.kind !== "answer") return found;
    asker.say(found.value.detail, tones[found.value.status]);
    return found.value.status === "fail" ? await afterFailure(context, found.value) : found;
  },
});

const tones = { pass: "good", skip: "plain", fail: "bad" } as const;
const skipped = { kind: "answer", value: { status: "skip", detail: "It was not wanted." } } as const;

/** In the quick way it is not asked; a sign-in was proven when it was made. */
async function isWanted(context: StepContext) {
  const { asker, answers } = context;
  if (!asksEverything(context) || answers.profile !== undefined)
    return { kind: "answer", value: true } as const;
  return await asker.confirm({
    message: `Ask ${labelOf(answers.provider ?? "offline")} now whether this works?`,
    initial: true,
  });
}

async function afterFailure({ asker }: StepContext, finding: LiveFinding): Promise<Stepped<LiveFinding>> {
  const advice = finding.remediation === undefined ? "" : `\n${finding.remediation}`;
  const asked = await asker.choose({
    message: `That did not work. Write it anyway?${advice}`,
    options: [
      { value: "change", label: "No: go back and change it" },
      { value: "write", label: "Yes: go on, I know why" },
      { value: "stop", label: "Stop here, nothing is written" },
    ],
  });
  if (asked.kind !== "answer") return asked;
  if (asked.value === "change") return { kind: "back" };
  return asked.value === "stop" ? { kind: "abort" } : { kind: "answer", value: finding };
}

export const liveSteps: readonly AnyStep[] = [live];
