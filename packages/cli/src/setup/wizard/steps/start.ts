import { setupProviders } from "@carapace/config/setup";
import type { Option } from "../../../prompt/asker.ts";
import type { SetupChoice } from "../../choice.ts";
import type { Detected, FoundProvider } from "../../detect.ts";
import type { Answers } from "../answers.ts";
import { asksEverything, type StepContext } from "../context.ts";
import { type AnyStep, type Stepped, step } from "../flow.ts";

type Pace = Answers["pace"];

const over = step({
  sets: "over",
  isAsked: ({ present, wishes }) => present.kind !== "none" && !wishes.force && !wishes.merge,
  ask: async ({ asker, present, wishes }, before): Promise<Stepped<Answers["over"]>> => {
    // Who named a port or a network wants another than there is.
    const canKeep = present.kind === "loads" && wishes.port === undefined && wishes.bind === undefined;
    const keep: Option<Answers["over"] | "stop"> = {
      value: "merge",
      label: "Change the model or what it is for, and keep everything else",
    };
    const asked = await asker.choose<Answers["over"] | "stop">({
      message: "There is a configuration already. What becomes of it?",
      initial: before ?? (canKeep ? "merge" : "replace"),
      options: [
        ...(canKeep ? [keep] : []),
        { value: "replace", label: "Start over; the old one is kept as a backup" },
        { value: "stop", label: "Leave it as it is" },
      ],
    });
    if (asked.kind !== "answer") return asked;
    return asked.value === "stop" ? { kind: "abort" } : { kind: "answer", value: asked.value };
  },
});

const pace = step({
  sets: "pace",
  isAsked: () => true,
  ask: async ({ asker, detected }, before): Promise<Stepped<Pace>> => {
    const options = paceOptions(detected);
    const first = detected.providers.length === 0 ? options[0]?.value : undefined;
    const asked = await asker.choose<Pace>({
      message: "How do you want to set up?",
      initial: before ?? first ?? "quick",
      options,
    });
    if (asked.kind !== "answer" || !asked.value.startsWith("import ")) return asked;
    const command = `cara ${asked.value}`;
    return { kind: "abort", instead: `Nothing was written. Run this now: ${command}` };
  },
});

/** Pure. Another assistant's settings first, if there are some: who has them need not answer anything again. */
function paceOptions({ tools }: Detected): readonly Option<Pace>[] {
  return [
    ...tools.map(({ label, command }) => ({
      value: `import ${command.replace(/^cara import /, "")}` as const,
      label: `Take over the settings of ${label}`,
      hint: command,
    })),
    {
      value: "quick",
      label: "Quick (recommended)",
      hint: "model and key; the rest as usual, shown before it is written",
    },
    { value: "every", label: "Every step", hint: "also channels, ports, hooks, the control page" },
  ];
}

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
function providerOptions(found: readonly FoundProvider[]): readonly Option<SetupChoice>[] {
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

export const startSteps: readonly AnyStep[] = [over, pace, hidesInput, provider];

/** Pure. Who answers in the end: OpenAI with a ChatGPT subscription is Codex, with models of its own. */
export function signedInAs({ provider, authMode }: Partial<Answers>): SetupChoice | undefined {
  return provider === "openai" && authMode === "oauth" ? "codex" : provider;
}

/** True if the answers name this provider. */
export function isProvider(...ids: readonly SetupChoice[]): (context: StepContext) => boolean {
  return ({ answers }) => answers.provider !== undefined && ids.includes(answers.provider);
}
