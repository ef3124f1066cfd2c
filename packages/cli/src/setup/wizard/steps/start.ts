import { setupProviders } from "@carapace/config/setup";
import type { Option } from "../../../prompt/asker.ts";
import type { SetupChoice } from "../../choice.ts";
import type { FoundProvider } from "../../detect.ts";
import { asksEverything, type StepContext } from "../context.ts";
import { type AnyStep, step } from "../flow.ts";

const pace = step({
  sets: "pace",
  isAsked: () => true,
  ask: ({ asker }, before) =>
    asker.choose({
      message: "How do you want to set up?",
      initial: before ?? "quick",
      options: [
        {
          value: "quick",
          label: "Quick (recommended)",
          hint: "model and key; the rest as usual, shown before it is written",
        },
        { value: "every", label: "Every step", hint: "also channels, ports, hooks, the control page" },
      ],
    }),
});

const hidesInput = step({
  sets: "hidesInput",
  isAsked: asksEverything,
  ask: ({ asker }, before) =>
    asker.confirm({
      message: "Hide keys and passwords while you type them? If not, they stay readable on this screen.",
      initial: before ?? true,
    }),
});

const provider = step({
  sets: "provider",
  isAsked: ({ wished }) => wished.provider === undefined,
  ask: ({ asker, detected }, before) => {
    const options = providerOptions(detected.providers);
    const first = options[0]?.value;
    const initial = before ?? first;
    return asker.choose({
      message: "Who answers? (Your assistant's model provider)",
      options,
      ...(initial !== undefined && { initial }),
    });
  },
});

/** Pure. What was found comes first, the built-in assistant last. */
export function providerOptions(found: readonly FoundProvider[]): readonly Option<SetupChoice>[] {
  const here = found.map(({ provider: id, say }) => ({ value: id, label: labelOf(id), hint: say }));
  const others = setupProviders
    // A sign-in with a ChatGPT subscription is one of OpenAI's ways.
    .filter(({ id }) => id !== "codex" && !found.some((one) => one.provider === id))
    .map(({ id }) => ({ value: id, label: labelOf(id) }));
  const skip = {
    value: "offline" as const,
    label: "Skip: built-in offline assistant, no model",
    hint: "knows a few commands, sends nothing anywhere; a model can be added later",
  };
  return [...here, ...others, skip];
}

/** Pure. A provider's name for people. */
export function labelOf(id: SetupChoice): string {
  if (id === "codex") return "OpenAI with a ChatGPT subscription (Codex)";
  return setupProviders.find((one) => one.id === id)?.label ?? "the built-in offline assistant";
}

export const startSteps: readonly AnyStep[] = [pace, hidesInput, provider];

/** True if the answers name this provider. */
export function isProvider(...ids: readonly SetupChoice[]): (context: StepContext) => boolean {
  return ({ answers }) => answers.provider !== undefined && ids.includes(answers.provider);
}
