import { secretOf } from "@carapace/config";
import { setupProviders } from "@carapace/config/setup";
import type { Asked } from "../../../prompt/asker.ts";
import { choiceNamed, providerOf, type SetupChoice } from "../../choice.ts";
import type { FoundProvider } from "../../detect.ts";
import { textBy, variableOf } from "../../environment.ts";
import { fitsFamily } from "../../families.ts";
import { checkModel } from "../../model-rules.ts";
import type { StepContext } from "../context.ts";
import { type AnyStep, step } from "../flow.ts";
import { labelOf, signedInAs } from "./start.ts";

type ProviderId = Exclude<SetupChoice, "offline">;

const another = "another";
const defaultRoute = "vertex:default";

const labels: Readonly<Record<string, string>> = {
  [defaultRoute]: "The one behind vertex:default, named next",
};
const listTimeoutMs = 3000;
/** More are found by typing. */
const mostListed = 50;

const model = step({
  sets: "model",
  isAsked: ({ answers, wished }) => answers.provider !== "offline" && wished.model === undefined,
  async ask(context, before) {
    const provider = signedInAs(context.answers);
    if (provider === undefined || provider === "offline") return { kind: "back" };
    const wish = context.wishes.model?.model;
    if (wish !== undefined && before === undefined) {
      const taken = await askWish(context, provider, wish);
      if (taken.kind !== "answer") return taken;
      if (taken.value !== undefined) return { kind: "answer", value: taken.value };
    }
    return await askModel(context, provider, before?.startsWith(`${provider}:`) ? before : undefined);
  },
});

/** A model from the command line that named no provider: another family's needs a yes. @returns undefined for a no */
async function askWish(
  { asker }: StepContext,
  provider: ProviderId,
  wish: string,
): Promise<Asked<string | undefined>> {
  const checked = checkModel(wish, provider);
  if (!checked.ok) {
    asker.say(`${checked.say}.`, "warning");
    return { kind: "answer", value: undefined };
  }
  if (fitsFamily(wish, provider)) return { kind: "answer", value: checked.value.model };
  const sure = await asker.confirm({
    message: `${wish} is not known as a model of ${labelOf(provider)}. Use it all the same?`,
    initial: false,
  });
  if (sure.kind !== "answer") return sure;
  return { kind: "answer", value: sure.value ? checked.value.model : undefined };
}

async function askModel(
  context: StepContext,
  provider: ProviderId,
  before: string | undefined,
): Promise<Asked<string>> {
  const found = context.detected.providers.find((one) => one.provider === provider);
  const known = await knownModels(context, provider, found);
  if (known.kind !== "answer") return known;
  // A server may say what it likes.
  const listed = known.value.filter((name) => checkModel(name, provider).ok);
  for (;;) {
    const chosen = await choose(context, listed, before ?? found?.model ?? listed[0]);
    if (chosen.kind !== "answer" || chosen.value !== another) return chosen;
    const typed = await typedModel(context, provider, before ?? found?.model);
    if (typed.kind === "back" && listed.length > 0) continue;
    return typed;
  }
}

/** What there is to choose from. An Ollama that was not found yet, or is another one, is asked. */
async function knownModels(
  context: StepContext,
  provider: ProviderId,
  found: FoundProvider | undefined,
): Promise<Asked<readonly string[]>> {
  if (provider === "vertex") return { kind: "answer", value: [defaultRoute] };
  const isAsked =
    provider === "ollama" && (found?.models === undefined || context.answers.baseUrl !== undefined);
  if (!isAsked) return { kind: "answer", value: found?.models ?? [] };
  return await context.asker.during("Asking Ollama for its models ... (Esc: back)", (signal) =>
    askOllama(context, signal),
  );
}

/** @returns nothing if it does not answer, or wants a key first: the model is typed then */
async function askOllama({ answers, world }: StepContext, signal: AbortSignal): Promise<readonly string[]> {
  const { listOllamaModels } = await import("@carapace/agent/live-check");
  const { baseUrl: setting, key } = providerOf("ollama");
  const given = answers.baseUrl ?? textBy(world.env, setting);
  const url = given?.kind === "variable" ? world.env[given.name]?.trim() : given?.text;
  // The key of the environment is for the address of the environment.
  const name = given?.kind === "variable" ? variableOf(world.env, key) : undefined;
  const secret = name === undefined ? undefined : secretOf(world.env[name]);
  const limit = AbortSignal.any([signal, AbortSignal.timeout(listTimeoutMs)]);
  try {
    const listed = await listOllamaModels(url, secret, { signal: limit });
    return listed.ok ? listed.value.map((model) => `ollama:${model}`) : [];
  } catch {
    return [];
  }
}

async function choose(
  { asker }: StepContext,
  listed: readonly string[],
  initial: string | undefined,
): Promise<Asked<string>> {
  if (listed.length === 0) return { kind: "answer", value: another };
  return await asker.choose({
    message: "Which model?",
    options: [
      ...listed.slice(0, mostListed).map((value) => ({ value, label: labels[value] ?? value })),
      { value: another, label: "Another one" },
    ],
    ...(initial !== undefined && { initial }),
  });
}

async function typedModel(
  { asker }: StepContext,
  provider: ProviderId,
  initial: string | undefined,
): Promise<Asked<string>> {
  const example = setupProviders.find(({ id }) => id === provider)?.exampleModel;
  const usual = initial ?? example;
  const asked = await asker.line({
    message: `Which model of ${labelOf(provider)}?`,
    ...(usual !== undefined && { initial: usual }),
    check: (text) => {
      const checked = readModel(text, provider);
      return checked.ok ? undefined : `${checked.say}.`;
    },
  });
  if (asked.kind !== "answer") return asked;
  const checked = readModel(asked.value, provider);
  return checked.ok ? { kind: "answer", value: checked.value.model } : { kind: "back" };
}

/** Pure. What Ollama calls a model, `qwen3:8b`, needs no prefix where nobody else is meant. */
function readModel(text: string, provider: ProviderId) {
  const colon = text.indexOf(":");
  const isTag = provider === "ollama" && colon > 0 && choiceNamed(text.slice(0, colon)) === undefined;
  return checkModel(isTag ? `ollama:${text}` : text, provider);
}

export const modelSteps: readonly AnyStep[] = [model];
