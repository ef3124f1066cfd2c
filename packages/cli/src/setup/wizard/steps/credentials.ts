import type { Option } from "../../../prompt/asker.ts";
import type { GivenText } from "../../answers.ts";
import { type AuthModeFlag, providerOf } from "../../choice.ts";
import { isSet, textBy } from "../../environment.ts";
import { asksEverything, type StepContext } from "../context.ts";
import { type AnyStep, step } from "../flow.ts";
import { askGiven, askGivenText } from "./given.ts";
import { addressRule, keyRule, wordRule } from "./rules.ts";
import { isProvider, labelOf } from "./start.ts";

/** The ways of those providers that have several. The first is the default where nothing was found. */
const ways: Readonly<Record<string, readonly Option<AuthModeFlag>[]>> = {
  anthropic: [
    { value: "api-key", label: "API key", hint: "from console.anthropic.com" },
    { value: "setup-token", label: "Claude subscription", hint: "a token that `claude setup-token` prints" },
  ],
  openai: [
    { value: "api-key", label: "API key", hint: "from platform.openai.com" },
    { value: "oauth", label: "Sign in with a ChatGPT subscription", hint: "Codex, in a browser" },
  ],
  gemini: [
    { value: "oauth", label: "Sign in with Google", hint: "in a browser" },
    { value: "api-key", label: "API key", hint: "from aistudio.google.com" },
  ],
};

const sealed: readonly AuthModeFlag[] = ["oauth", "setup-token"];
const unsealed =
  "A sign-in is kept sealed with a password, and CARAPACE_CONFIG_PASSWORD is not set. Choose the API key, or press Ctrl-C, set it and run cara setup again.";

const authMode = step({
  sets: "authMode",
  isAsked: ({ answers, wished }) =>
    wished.authMode === undefined && ways[answers.provider ?? ""] !== undefined,
  async ask(context, before) {
    const { asker, answers, detected, world } = context;
    const options = ways[answers.provider ?? ""] ?? [];
    const found = detected.providers.find(({ provider }) => provider === answers.provider)?.authMode;
    const canSeal = isSet(world.env, "CARAPACE_CONFIG_PASSWORD");
    const usual = canSeal ? options[0]?.value : "api-key";
    for (;;) {
      const asked = await asker.choose({
        message: `How do you sign in to ${labelOf(answers.provider ?? "offline")}?`,
        options,
        initial: before ?? found ?? usual ?? "api-key",
      });
      if (asked.kind !== "answer" || canSeal || !sealed.includes(asked.value)) return asked;
      asker.say(unsealed, "warning");
    }
  },
});

/** Whether the answers mean an API key. */
function usesKey(context: StepContext): boolean {
  if (isProvider("nearai", "venice")(context)) return true;
  return isProvider("anthropic", "openai", "gemini")(context) && context.answers.authMode === "api-key";
}

const withoutKey = "add it later; until then nothing answers";

const key = step({
  sets: "key",
  isAsked: (context) => usesKey(context) || asksOllamaKey(context),
  async ask(context) {
    const { provider } = context.answers;
    if (provider === undefined || provider === "offline") return { kind: "back" };
    if (provider === "ollama") return await askOllamaKey(context);
    return await askGiven(context, {
      what: `${labelOf(provider)} API key`,
      setting: providerOf(provider).key,
      rule: keyRule("API key"),
      ...(asksEverything(context) && { ifBlank: withoutKey }),
    });
  },
});

function asksOllamaKey(context: StepContext): boolean {
  return isProvider("ollama")(context) && asksEverything(context);
}

async function askOllamaKey(context: StepContext) {
  const { asker, world } = context;
  const setting = providerOf("ollama").key;
  for (;;) {
    const needed = await asker.confirm({
      message: "Does this Ollama want a key?",
      initial: isSet(world.env, "OLLAMA_API_KEY"),
    });
    if (needed.kind !== "answer") return needed;
    if (!needed.value) return { kind: "answer", value: { kind: "none" } } as const;
    const given = await askGiven(context, { what: "Ollama API key", setting, rule: keyRule("API key") });
    if (given.kind !== "back") return given;
  }
}

const baseUrl = step({
  sets: "baseUrl",
  isAsked: (context) => {
    if (isProvider("gemini", "nearai", "venice")(context)) return asksEverything(context);
    return isProvider("ollama")(context) && (asksEverything(context) || !isFound(context));
  },
  async ask(context, before) {
    const { provider } = context.answers;
    if (provider === undefined || provider === "offline") return { kind: "back" };
    const { baseUrl: setting } = providerOf(provider);
    if (provider === "ollama") {
      return await askGivenText(context, {
        ...{ what: "Where does Ollama listen?", setting, before },
        rule: addressRule(true),
      });
    }
    return await askOtherAddress(context, labelOf(provider), before, setting);
  },
});

type Setting = ReturnType<typeof providerOf>["baseUrl"];

/** @returns undefined as the answer: the provider's own address */
async function askOtherAddress(
  context: StepContext,
  label: string,
  ...[before, setting]: readonly [GivenText | undefined, Setting]
) {
  const named = setting && { variables: setting.variables, path: setting.path };
  const hint = setting?.default === undefined ? "" : ` (${setting.default})`;
  for (;;) {
    const own = await context.asker.confirm({
      message: `Use ${label}'s own address${hint}? No: type another one.`,
      initial: before === undefined && textBy(context.world.env, named) === undefined,
    });
    if (own.kind !== "answer") return own;
    if (own.value) return { kind: "answer", value: undefined } as const;
    const asked = await askGivenText(context, {
      ...{ what: `Address of the ${label} API`, setting: named, before },
      ...{ rule: addressRule(false), example: setting?.default ?? "https://host.example/v1" },
    });
    if (asked.kind !== "back") return asked;
  }
}

function isFound({ answers, detected }: StepContext): boolean {
  return detected.providers.some(({ provider }) => provider === answers.provider);
}

/** A setting of a provider by its name in the table. */
const settingOf = (id: "vertex" | "bedrock", name: string) => providerOf(id).settings?.[name];

const projectId = step({
  sets: "projectId",
  isAsked: isProvider("vertex"),
  ask: (context, before) =>
    askGivenText(context, {
      ...{ what: "Google Cloud project", setting: settingOf("vertex", "projectId"), before },
      rule: wordRule("the id of a project", /^[a-z0-9][a-z0-9.:-]{0,99}$/i),
    }),
});

const location = step({
  sets: "location",
  isAsked: isProvider("vertex"),
  ask: (context, before) =>
    askGivenText(context, {
      ...{ what: "Location", setting: settingOf("vertex", "location"), before },
      rule: wordRule("a location, as in us-central1", /^[a-z][a-z0-9-]{0,63}$/),
    }),
});

const routeModel = step({
  sets: "routeModel",
  isAsked: (context) => isProvider("vertex")(context) && context.answers.model === "vertex:default",
  ask: (context, before) =>
    askGivenText(context, {
      ...{ what: "Which model stands behind vertex:default?", setting: settingOf("vertex", "model"), before },
      rule: wordRule("a model of Vertex, as in gemini-3-flash", /^[A-Za-z0-9._/@-]{1,200}$/),
      example: "gemini-3-flash",
    }),
});

const region = step({
  sets: "region",
  isAsked: isProvider("bedrock"),
  ask: (context, before) =>
    askGivenText(context, {
      ...{ what: "AWS region", setting: settingOf("bedrock", "region"), before },
      rule: wordRule("a region, as in us-east-1", /^[a-z]{2}(-[a-z]+)+-\d$/),
    }),
});

const bedrockKey = (sets: "accessKeyId" | "secretAccessKey", what: string): AnyStep =>
  step({
    sets,
    isAsked: isProvider("bedrock"),
    ask: (context) => askGiven(context, { what, setting: settingOf("bedrock", sets), rule: keyRule(what) }),
  });

const sessionToken = step({
  sets: "sessionToken",
  isAsked: (context) => isProvider("bedrock")(context) && asksEverything(context),
  ask: (context) =>
    askGiven(context, {
      what: "AWS session token",
      setting: settingOf("bedrock", "sessionToken"),
      rule: keyRule("session token"),
      ifBlank: "none",
    }),
});

/** What the chosen provider needs before a model is chosen. */
export const addressSteps: readonly AnyStep[] = [authMode, baseUrl];
/** What proves the owner to it. */
export const credentialSteps: readonly AnyStep[] = [
  key,
  projectId,
  location,
  routeModel,
  region,
  bedrockKey("accessKeyId", "AWS access key id"),
  bedrockKey("secretAccessKey", "AWS secret access key"),
  sessionToken,
];
