import { type Environment, Secret, secretOf } from "@carapace/config";
import { defaultPort } from "@carapace/config/default-port";
import { ok, type Result, refuse } from "@carapace/protocol/failures";
import type { SetupAnswers, SignedIn } from "../answers.ts";
import { providerOf } from "../choice.ts";
import type { Detected, FoundProvider } from "../detect.ts";
import { isSet, variablesIn } from "../environment.ts";
import type { ModelChoice } from "../model-rules.ts";
import { newToken } from "../new-token.ts";
import type { SetupWishes } from "../wishes.ts";
import { headlessChannel } from "./channel.ts";
import { headlessProvider } from "./provider.ts";

/** What answers where nobody is asked. */
export interface HeadlessWorld {
  readonly env: Environment;
  readonly random: (bytes: number) => Uint8Array;
  readonly setupToken: (text: Secret) => Promise<Result<SignedIn>>;
  /** Looked for only if no provider was named. */
  readonly detect: () => Promise<Detected>;
}

/** The answers of the command line and the environment (cli.md §3.10, *Non-interactive*). */
export async function headlessAnswers(
  wishes: SetupWishes,
  world: HeadlessWorld,
): Promise<Result<SetupAnswers>> {
  const { env, random, setupToken } = world;
  const id = wishes.provider;
  if (id === undefined) return refuse("invalid_request", await noProvider(wishes.model, world));
  const model = id === "offline" ? ok(undefined) : modelOf(id, wishes);
  if (!model.ok) return model;
  const source = { env, authMode: wishes.authMode, model: model.value ?? "", setupToken };
  const provider = await headlessProvider(id, source);
  if (!provider.ok) return provider;
  const outcome = wishes.outcome ?? "local-chat";
  const channel = headlessChannel(outcome, env, wishes.verifyTo);
  if (!channel.ok) return channel;
  if (channel.value === undefined && wishes.verifyTo !== undefined) {
    const say = "--verify-to is for a channel: add --outcome discord, telegram or matrix, or leave it out";
    return refuse("invalid_request", say);
  }
  const answers: SetupAnswers = {
    provider: provider.value,
    ...(model.value !== undefined && { model: model.value }),
    auth: { mode: "token", token: new Secret(newToken(random)) },
    bind: wishes.bind ?? "loopback",
    port: wishes.port ?? defaultPort,
    outcome,
    ...(channel.value && { channel: channel.value }),
    ...(outcome === "hooks" && {
      hooksToken: secretOf(env["CARAPACE_HOOKS_TOKEN"]) ?? new Secret(newToken(random)),
    }),
    controlUi: false,
  };
  const missing = variablesIn(answers).filter((name) => !isSet(env, name));
  return missing.length === 0 ? ok(answers) : refuse("invalid_request", notSet(missing));
}

function modelOf(
  id: Exclude<SetupWishes["provider"], "offline" | undefined>,
  { model, force, merge }: SetupWishes,
): Result<string> {
  if (model !== undefined) return ok(model.model);
  // Of these only one need be named; what Codex is refused for without a terminal is not its model.
  if (id === "claude-cli" || id === "codex") return ok(providerOf(id).exampleModel);
  const { exampleModel } = providerOf(id);
  const over = merge ? " --merge" : force ? " --force" : "";
  const hint = `${hints[id]?.before ?? ""}--model ${exampleModel}${hints[id]?.after ?? ""}`;
  return refuse(
    "invalid_request",
    `${id} needs a model, for example: cara setup${over} --provider ${id} ${hint}`,
  );
}

/** What else those need that do not go with a model alone: nobody is to be refused again for it. */
const hints: Readonly<Record<string, { readonly before?: string; readonly after?: string }>> = {
  gemini: { before: "--auth-mode api-key ", after: ", with GOOGLE_API_KEY set" },
  vertex: { after: ", with VERTEX_MODEL set" },
};

async function noProvider(model: ModelChoice | undefined, world: HeadlessWorld): Promise<string> {
  const { providers } = await world.detect();
  const said = model === undefined ? "" : ` ${aboutModel(model)}`;
  const seen = providers.map((one) => `\n  ${commandOf(one)}   # ${one.say}`).join("");
  const there = seen === "" ? "" : `\nWhat is there already:${seen}`;
  return (
    `there is no terminal to ask on, so --provider has to say which one.${said}${there}\n` +
    "Without any, for the built-in assistant: cara setup --provider offline"
  );
}

function aboutModel({ model, family }: ModelChoice): string {
  if (family === "bedrock") return `${model} looks like a model of Bedrock: --provider bedrock.`;
  return family === undefined
    ? `A model alone (${model}) does not tell whose it is.`
    : `${model} looks like a model of ${family}: --provider ${family}.`;
}

function commandOf({ provider, authMode, model }: FoundProvider): string {
  const mode = authMode === undefined ? "" : ` --auth-mode ${authMode}`;
  return `cara setup --provider ${provider}${mode} --model ${model}`;
}

function notSet(names: readonly string[]): string {
  const [are, them] = names.length > 1 ? ["are", "them"] : ["is", "it"];
  return `${names.join(", ")} ${are} not set: export ${them} here and where the gateway starts; nothing was written`;
}
