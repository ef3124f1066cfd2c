import { parseModelRef } from "@carapace/config";
import { nameIfSet, type SetupProvider, setupProviders } from "@carapace/config/setup";
import { seeLogs } from "../next-steps.ts";
import type { Subject } from "../types.ts";
import { type Cause, causeOf } from "./causes.ts";
import { addressOf, credentialOf, namesOf, otherModels } from "./provider-settings.ts";

export interface AdviceAsk {
  /** What the gateway said of the failure. */
  readonly say: string;
  /** Who should have answered; empty if that was not told. */
  readonly model: string;
  readonly subject: Pick<Subject, "snapshot" | "place">;
}

/** What to do about a chat that failed: by its cause, else by the route of `agents.defaults.model` (cli.md §3.12). Pure. */
export function adviceFor({ say, model, subject }: AdviceAsk): string {
  const { snapshot, place } = subject;
  const cause = causeOf(say);
  // Another machine's settings are not known here.
  if (place.kind === "elsewhere") return elsewhere[cause];
  const route = model !== "" ? model : snapshot.config.agents.defaults.model?.trim();
  if (!route) return withoutModel(cause, snapshot);
  const parsed = parseModelRef(route);
  if (!parsed.ok) return `${parsed.say}; set it with: ${setModel}`;
  const provider = setupProviders.find(({ id }) => id === parsed.value.provider);
  if (provider === undefined) return seeLogs;
  const step = steps[cause]({ provider, model: parsed.value.model, snapshot });
  return `${step}${orSwitch(snapshot, provider)}`;
}

const setModel = "cara config set agents.defaults.model <provider:model>";

type Snapshot = Subject["snapshot"];

function withoutModel(cause: Cause, snapshot: Snapshot): string {
  const which = cause === "noModel" || cause === "unknown" ? "a model" : "another model";
  return `choose ${which} with: ${setModel}, or run cara setup --merge${orSwitch(snapshot, undefined)}`;
}

function orSwitch(snapshot: Snapshot, failed: SetupProvider | undefined): string {
  const others = otherModels(failed, snapshot);
  return others.length === 0 ? "" : `; or switch to one that is set up, such as ${others.join(", ")}`;
}

interface Case {
  readonly provider: SetupProvider;
  /** Without its prefix. */
  readonly model: string;
  readonly snapshot: Snapshot;
}

const steps: Readonly<Record<Cause, (one: Case) => string>> = {
  key: ({ provider, model, snapshot }) =>
    `check ${credential(provider, snapshot)}: it must be valid at ${provider.label} and may use ${model}, where the gateway starts${bothNote(provider, snapshot)}`,
  signIn: ({ provider }) => signInAgain(provider),
  sealed: () => "export CARAPACE_CONFIG_PASSWORD where the gateway starts, and start it again",
  quota: ({ provider, snapshot }) =>
    `top up the account behind ${credential(provider, snapshot)} at ${provider.label}`,
  rate: () => "wait a minute, then run cara verify again",
  model: ({ provider, model }) =>
    provider.id === "ollama"
      ? `fetch it with: ollama pull ${model}`
      : `choose a model that you may use at ${provider.label}, such as ${provider.exampleModel}, with: ${setModel}`,
  noModel: ({ provider }) =>
    provider.id === "vertex"
      ? "set VERTEX_MODEL where the gateway starts, or vertex.model in the configuration"
      : `choose one with: ${setModel}, such as ${provider.exampleModel}`,
  network: ({ provider }) => reachAgain(provider),
  busy: ({ provider }) => `run cara verify again in a few minutes; look at ${provider.label}'s status page`,
  declined: () => `use another model: ${setModel}`,
  absent: (one) => notSetUp(one),
  later: () => `use a provider that this version has: ${setModel}`,
  unknown: (one) => unknownStep(one),
};

function unknownStep({ provider, model, snapshot }: Case): string {
  const routeModel = provider.settings?.["model"];
  const lacksModel = routeModel !== undefined && nameIfSet(routeModel, snapshot) === undefined;
  if (provider.id === "vertex" && model === "default" && lacksModel)
    return "vertex:default needs a model: set VERTEX_MODEL where the gateway starts, or vertex.model";
  const set = credentialOf(provider, snapshot);
  if (set === undefined && provider.key !== undefined) return notSetUp({ provider });
  const what = set === undefined ? "the model" : `${set} and the model`;
  return `check ${what} (${provider.id}:${model}); cara logs says more`;
}

function credential(provider: SetupProvider, snapshot: Snapshot): string {
  return credentialOf(provider, snapshot) ?? namesOf(provider);
}

/** A key beats a stored sign-in, and nobody who signed in expects it. */
function bothNote({ key, profile }: SetupProvider, snapshot: Snapshot): string {
  const isSignedIn = profile !== undefined && nameIfSet(profile, snapshot) !== undefined;
  const name = key && isSignedIn ? nameIfSet(key, snapshot) : undefined;
  return name === undefined ? "" : `; remove ${name} to use the sign-in of ${profile?.path} instead`;
}

function signInAgain({ id }: SetupProvider): string {
  if (id === "claude-cli") return "run claude and type /login, as the user the gateway runs as";
  if (id === "vertex") return "run gcloud auth login, as the user the gateway runs as";
  return `sign in again: cara setup --merge --provider ${id}`;
}

function reachAgain(provider: SetupProvider): string {
  if (provider.id === "ollama") return `start Ollama (ollama serve), or correct ${addressOf(provider)}`;
  if (provider.id === "claude-cli") return "install the Claude CLI, or write its place into claudeCli.path";
  return `check the internet connection and ${addressOf(provider)}`;
}

function notSetUp({ provider }: Pick<Case, "provider">): string {
  return `set ${namesOf(provider)} where the gateway starts, or run cara setup --merge --provider ${provider.id}`;
}

const elsewhere: Readonly<Record<Cause, string>> = {
  key: "check the provider's key on the gateway's machine, where the gateway starts",
  signIn: "sign in to the provider again on the gateway's machine: cara setup --merge",
  sealed: "export CARAPACE_CONFIG_PASSWORD on the gateway's machine, where the gateway starts",
  quota: "top up the account of the provider, or choose another model on the gateway's machine",
  rate: "wait a minute, then run cara verify again",
  model: "choose another agents.defaults.model on the gateway's machine",
  noModel: "choose agents.defaults.model on the gateway's machine",
  network: "check the internet connection and the provider's address on the gateway's machine",
  busy: "run cara verify again in a few minutes",
  declined: "use another model on the gateway's machine",
  absent: "set the provider up on the gateway's machine: cara setup --merge",
  later: "use a provider that the gateway's version has",
  unknown: "run cara verify on the gateway's machine, and see cara logs there",
};
