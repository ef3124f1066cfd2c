import { parseModelRef } from "@carapace/config";
import { type SetupProvider, type SetupSetting, setupProviders } from "@carapace/config/setup";
import { isRecord } from "../../link/json.ts";
import type { Subject } from "../types.ts";

export interface AdviceAsk {
  /** What the gateway said of the failure. */
  readonly say: string;
  /** Who should have answered; empty if that was not told. */
  readonly model: string;
  readonly subject: Pick<Subject, "snapshot" | "place">;
}

/** What a failure comes to, by the words that the gateway has for it. */
type Cause =
  | "key"
  | "quota"
  | "rate"
  | "model"
  | "network"
  | "busy"
  | "declined"
  | "absent"
  | "later"
  | "unknown";

// The gateway tells a failed run in a sentence and nothing else; these are its own words, whoever the vendor is.
const causes: readonly (readonly [RegExp, Cause])[] = [
  [/refused the key|does not let this key/i, "key"],
  [/no credit or quota left/i, "quota"],
  [/takes no more requests/i, "rate"],
  [/has no model |does not have the model/i, "model"],
  [/cannot be reached|does not run on this machine|certificate of|broke off/i, "network"],
  [/is overloaded|did not answer in time|stopped in the middle|no reply came within/i, "busy"],
  [/declined to answer/i, "declined"],
  [/is not set up|no provider is available|no such provider/i, "absent"],
  [/is not in this version/i, "later"],
];

/** What to do about a chat that failed: by its cause, else by the route of `agents.defaults.model` (cli.md §3.12). Pure. */
export function adviceFor({ say, model, subject }: AdviceAsk): string {
  const { snapshot, place } = subject;
  const route = model !== "" ? model : configuredModel(snapshot.config);
  const cause = causes.find(([pattern]) => pattern.test(say))?.[1] ?? "unknown";
  // Another machine's settings are not known here.
  if (place.kind === "elsewhere") return elsewhere[cause];
  if (route === undefined) return withoutModel(cause, snapshot);
  const parsed = parseModelRef(route);
  if (!parsed.ok) return `${parsed.say}; set it with: ${setModel}`;
  const provider = setupProviders.find(({ id }) => id === parsed.value.provider);
  if (provider === undefined) return "see what the gateway says of it: cara logs";
  return byCause({ cause, provider, model: parsed.value.model, snapshot });
}

const setModel = "cara config set agents.defaults.model <provider:model>";

type Snapshot = Subject["snapshot"];

function configuredModel(config: Snapshot["config"]): string | undefined {
  const { model } = config.agents.defaults;
  return typeof model === "string" && model.trim() !== "" ? model : undefined;
}

function withoutModel(cause: Cause, snapshot: Snapshot): string {
  if (cause === "unknown") return `choose a model with: ${setModel}; or run cara setup`;
  return `choose another model with: ${setModel}${usable(snapshot, undefined)}`;
}

interface Case {
  readonly cause: Cause;
  readonly provider: SetupProvider;
  /** Without its prefix. */
  readonly model: string;
  readonly snapshot: Snapshot;
}

function byCause(one: Case): string {
  const { cause, provider, model, snapshot } = one;
  const key = sourceOf(provider, snapshot);
  const or = usable(snapshot, provider);
  switch (cause) {
    case "key":
      return `check ${key ?? namesOf(provider)}: it must be a valid key of ${provider.label} that may use ${model}, where the gateway starts${or}`;
    case "quota":
      return `top up the account behind ${key ?? namesOf(provider)} at ${provider.label}${or}`;
    case "rate":
      return `wait a minute, then run cara verify again${or}`;
    case "model":
      return provider.id === "ollama"
        ? `fetch it with: ollama pull ${model}${or}`
        : `choose a model that this key may use, such as ${provider.exampleModel}, with: ${setModel}`;
    case "network":
      return provider.id === "ollama"
        ? `start Ollama (ollama serve), or correct ${urlOf(provider)}${or}`
        : `check the internet connection, the proxy, and ${urlOf(provider)}${or}`;
    case "busy":
      return `run cara verify again in a few minutes; check ${provider.label}'s status page${or}`;
    case "declined":
      return `use another model: ${setModel}${or}`;
    case "absent":
      return `${notSetUp(one)}${or}`;
    case "later":
      return `use a provider that this version has: ${setModel}${or}`;
    case "unknown":
      return unknownCause(one, key);
  }
}

function unknownCause({ provider, model, snapshot }: Case, key: string | undefined): string {
  const or = usable(snapshot, provider);
  if (provider.id === "vertex" && model === "default" && !isSet(provider.settings?.["model"], snapshot))
    return `vertex:default needs a model: set VERTEX_MODEL where the gateway starts, or vertex.model${or}`;
  if (key === undefined && provider.key !== undefined) return `${notSetUp({ provider, snapshot })}${or}`;
  const what = key === undefined ? "the model" : `${key} and the model`;
  return `check ${what} (${provider.id}:${model}); cara logs says more${or}`;
}

function notSetUp({ provider, snapshot }: Pick<Case, "provider" | "snapshot">): string {
  const profile = provider.profilePath;
  if (profile !== undefined && settingAt(snapshot, profile) !== undefined)
    return "the stored sign-in needs CARAPACE_CONFIG_PASSWORD: export it where the gateway starts";
  return `set ${namesOf(provider)} where the gateway starts, or run cara setup --provider ${provider.id}`;
}

/** The name of the credential that is set: a variable, or a key of the file. */
function sourceOf(provider: SetupProvider, snapshot: Snapshot): string | undefined {
  const settings = credentialsOf(provider);
  for (const { variables, path } of settings) {
    const variable = variables.find((name) => (snapshot.lookup(name) ?? "").trim() !== "");
    if (variable !== undefined) return variable;
    if (settingAt(snapshot, path) !== undefined) return path;
  }
  return undefined;
}

function credentialsOf({ key, baseUrl, settings = {}, id }: SetupProvider): readonly SetupSetting[] {
  if (id === "ollama") return baseUrl === undefined ? [] : [baseUrl];
  if (key !== undefined) return [key];
  const first = settings["accessKeyId"] ?? settings["projectId"];
  return first === undefined ? [] : [first];
}

function namesOf(provider: SetupProvider): string {
  const names = credentialsOf(provider).flatMap(({ variables, path }) => [...variables.slice(0, 1), path]);
  return names.length === 0 ? (provider.profilePath ?? `${provider.label}'s sign-in`) : names.join(" or ");
}

function urlOf({ baseUrl, label }: SetupProvider): string {
  return baseUrl === undefined ? `${label}'s address` : [...baseUrl.variables, baseUrl.path].join(" or ");
}

function isSet(setting: SetupSetting | undefined, snapshot: Snapshot): boolean {
  if (setting === undefined) return false;
  const { variables, path } = setting;
  return (
    variables.some((name) => (snapshot.lookup(name) ?? "").trim() !== "") ||
    settingAt(snapshot, path) !== undefined
  );
}

function settingAt({ resolved }: Snapshot, path: string): string | undefined {
  let value: unknown = resolved;
  for (const part of path.split(".")) value = isRecord(value) ? value[part] : undefined;
  return typeof value === "string" && value.trim() !== "" ? value : undefined;
}

/** Other providers that are set up: the way out where one does not work. */
function usable(snapshot: Snapshot, failed: SetupProvider | undefined): string {
  const others = setupProviders
    .filter((one) => one.id !== failed?.id && credentialsOf(one).some((setting) => isSet(setting, snapshot)))
    .map(({ exampleModel }) => exampleModel);
  return others.length === 0 ? "" : `; or switch to one that is set up, such as ${others.join(", ")}`;
}

const elsewhere: Readonly<Record<Cause, string>> = {
  key: "check the provider's key on the gateway's machine, where the gateway starts",
  quota: "top up the account of the provider, or choose another model on the gateway's machine",
  rate: "wait a minute, then run cara verify again",
  model: "choose another agents.defaults.model on the gateway's machine",
  network: "check the internet connection and the provider's address on the gateway's machine",
  busy: "run cara verify again in a few minutes",
  declined: "use another model on the gateway's machine",
  absent: "set the provider up on the gateway's machine: cara setup",
  later: "use a provider that the gateway's version has",
  unknown: "run cara verify on the gateway's machine, and see cara logs there",
};
