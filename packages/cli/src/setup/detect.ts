import { accessSync, constants, statSync } from "node:fs";
import { delimiter, join } from "node:path";
import { type Environment, secretOf } from "@carapace/config";
import type { SetupProvider } from "@carapace/config/setup";
import { type AuthModeFlag, providerOf } from "./choice.ts";
import { isSet, variableOf } from "./environment.ts";
import { type FoundTool, otherTools } from "./other-tools.ts";

/** Something that is already there and could answer. */
export interface FoundProvider {
  readonly provider: SetupProvider["id"];
  /** Where `--auth-mode` has to say it. */
  readonly authMode?: AuthModeFlag;
  /** How it was found: `ANTHROPIC_API_KEY is set`, `Ollama runs at http://localhost:11434`. */
  readonly say: string;
  /** A model to offer; as it is written. */
  readonly model: string;
  /** All of them, where they are known, as they are written. */
  readonly models?: readonly string[];
}

/** What is there on this machine: the first provider is the one to offer. */
export interface Detected {
  readonly providers: readonly FoundProvider[];
  readonly tools: readonly FoundTool[];
}

export interface DetectOptions {
  readonly env: Environment;
  /** Where Ollama usually listens; asked if `OLLAMA_BASE_URL` names no other place. */
  readonly ollamaUrl?: string;
  /** How long it may take to answer; 400 ms unless told. */
  readonly probeMs?: number;
}

/**
 * Looks for what could answer already: settings of the environment in the order of cli.md §3.10, then an Ollama that
 * runs, then the Claude CLI; and for other assistants' files. Reads no file, and asks nobody but Ollama.
 */
export async function detect(options: DetectOptions): Promise<Detected> {
  const { env } = options;
  const ollama = await probeOllama(options);
  const set = order.flatMap((hint) => hint(env));
  const providers = set.map((one) => (one.provider === "ollama" ? withModels(one, ollama) : one));
  const runs = ollama && !set.some(({ provider }) => provider === "ollama") ? [running(ollama)] : [];
  return { providers: [...providers, ...runs, ...claudeCli(env)], tools: otherTools(env) };
}

type Hint = (env: Environment) => readonly FoundProvider[];

const found = (
  provider: SetupProvider["id"],
  say: string,
  authMode?: AuthModeFlag,
): readonly FoundProvider[] => [
  { provider, say, model: providerOf(provider).exampleModel, ...(authMode && { authMode }) },
];

const byKey =
  (provider: SetupProvider["id"], authMode?: AuthModeFlag): Hint =>
  (env) => {
    const name = variableOf(env, providerOf(provider).key);
    return name === undefined ? [] : found(provider, `${name} is set`, authMode);
  };

/** A sign-in that can be kept: only with the password that seals it. */
const bySignIn =
  (provider: SetupProvider["id"], authMode: AuthModeFlag | undefined, ...names: string[]): Hint =>
  (env) => {
    const hasAll = isSet(env, "CARAPACE_CONFIG_PASSWORD") && names.every((name) => isSet(env, name));
    if (!hasAll) return [];
    return found(provider, `${names.join(" and ")} ${names.length > 1 ? "are" : "is"} set`, authMode);
  };

const byNeeded =
  (provider: SetupProvider["id"]): Hint =>
  (env) => {
    const { settings = {}, needed = [] } = providerOf(provider);
    const names = needed.map((name) => variableOf(env, settings[name]));
    if (names.includes(undefined)) return [];
    return found(provider, `${names.join(", ")} ${names.length > 1 ? "are" : "is"} set`);
  };

/** A provider is found once: by the first of its hints that holds. */
const firstOf =
  (...hints: Hint[]): Hint =>
  (env) =>
    hints.map((hint) => hint(env)).find((one) => one.length > 0) ?? [];

const order: readonly Hint[] = [
  firstOf(byKey("anthropic", "api-key"), bySignIn("anthropic", "setup-token", "ANTHROPIC_SETUP_TOKEN")),
  firstOf(
    byKey("openai"),
    bySignIn("codex", undefined, "OPENAI_OAUTH_CLIENT_ID", "OPENAI_OAUTH_CLIENT_SECRET"),
  ),
  (env) => (isSet(env, "OLLAMA_BASE_URL") ? found("ollama", "OLLAMA_BASE_URL is set") : []),
  firstOf(
    byKey("gemini", "api-key"),
    bySignIn("gemini", "oauth", "GOOGLE_OAUTH_CLIENT_ID", "GOOGLE_OAUTH_CLIENT_SECRET"),
  ),
  byNeeded("vertex"),
  byKey("nearai"),
  byKey("venice"),
  byNeeded("bedrock"),
];

interface RunningOllama {
  readonly url: string;
  readonly models: readonly string[];
}

/** @returns undefined if none answers, or one that wants a key */
async function probeOllama({
  env,
  ollamaUrl = providerOf("ollama").baseUrl?.default ?? "",
  probeMs = 400,
}: DetectOptions): Promise<RunningOllama | undefined> {
  const { listOllamaModels } = await import("@carapace/agent/live-check");
  const url = env["OLLAMA_BASE_URL"]?.trim() || ollamaUrl;
  const key = secretOf(env["OLLAMA_API_KEY"]);
  try {
    const listed = await listOllamaModels(url, key, { signal: AbortSignal.timeout(probeMs) });
    return listed.ok ? { url, models: listed.value.map((name) => `ollama:${name}`) } : undefined;
  } catch {
    // An address that is none: what is wrong with it is told when it is chosen.
    return undefined;
  }
}

function withModels(one: FoundProvider, ollama: RunningOllama | undefined): FoundProvider {
  const [first] = ollama?.models ?? [];
  return first === undefined ? one : { ...one, model: first, models: ollama?.models ?? [] };
}

function running(ollama: RunningOllama): FoundProvider {
  const one = {
    provider: "ollama",
    say: `Ollama runs at ${ollama.url}`,
    model: providerOf("ollama").exampleModel,
  } as const;
  return withModels(one, ollama);
}

function claudeCli(env: Environment): readonly FoundProvider[] {
  const folders = (env["PATH"] ?? "").split(delimiter).filter((folder) => folder !== "");
  return folders.some((folder) => isProgram(join(folder, "claude")))
    ? found("claude-cli", "the Claude CLI is installed")
    : [];
}

function isProgram(path: string): boolean {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
}
