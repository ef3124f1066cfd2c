import { existsSync } from "node:fs";
import { dirname, join, resolve } from "node:path";
import { type Collector, createCollector } from "../plan/collector.ts";
import type { Dialect } from "../plan/literal.ts";
import { commonPrefixes, type ModelPrefixes } from "../plan/model.ts";
import { readingOf } from "../plan/reading.ts";
import {
  channelVariables,
  offerVariables,
  providerVariables,
  type VariableTargets,
} from "../plan/variables.ts";
import { createGatherer, type TreeFile, type VariablesFile } from "../read/gather.ts";
import { isThere } from "../read/source-text.ts";
import { entriesAt, type TreeObject, valueAt } from "../read/tree.ts";
import type { Candidate, ImportSource, Reading, SourcePlace } from "../types.ts";
import { offerChannels } from "./channels.ts";
import { offerProfiles } from "./profiles.ts";
import { offerProviders } from "./providers.ts";

/**
 * OpenClaw and its earlier name (cli.md §3.11; its pages "Configuration" and "Environment variables" as of November 2026:
 * docs.openclaw.ai/gateway/configuration).
 */
export const openclaw: ImportSource = { name: "openclaw", label: "OpenClaw", configs, read };

const variables: VariableTargets = {
  ...providerVariables,
  ...channelVariables,
  OLLAMA_BASE_URL: "providers.ollama.baseUrl",
  OLLAMA_API_KEY: "providers.ollama.apiKey",
  OPENCLAW_GATEWAY_TOKEN: "gateway.auth.token",
  OPENCLAW_GATEWAY_PASSWORD: "gateway.auth.password",
};

/** A value may refer to a variable as `${NAME}`, or be its bare name. */
const dialect: Dialect = {
  reference: /(?<!\$)\$\{([A-Z_][A-Z0-9_]*)\}/g,
  isVariableName: (text) => /^[A-Z][A-Z0-9]*(_[A-Z0-9]+)*_(API_KEY|KEY|TOKEN|SECRET|PASSWORD)$/.test(text),
};

const { codex: _codex, "claude-cli": _claudeCli, models: _models, ...shared } = commonPrefixes;
const prefixes: ModelPrefixes = { ...shared, "amazon-bedrock": "bedrock", "google-vertex": "vertex" };

/** Sections that have another format here, or none. */
const otherSections: readonly string[] = [
  ...["acp", "skills", "plugins", "session", "commands", "approvals", "browser", "mcp", "memory", "cron"],
  ...["hooks", "tools", "bindings", "$include"],
];

function configs({ env, home }: SourcePlace): readonly Candidate[] {
  return placesOf(env, home).configs;
}

function read({ env, home }: SourcePlace): Reading {
  const gatherer = createGatherer();
  const places = placesOf(env, home);
  const found = gatherer.first(places.configs);
  const stateDir = stateDirOf(places, found);
  const dir = found ? dirname(found.path) : stateDir;
  const config = found && gatherer.tree(found, "json");
  const dotenv = dir === undefined ? undefined : gatherer.variables({ path: join(dir, ".env") });
  const profilesPath = stateDir && join(stateDir, "agents", "main", "agent", "auth-profiles.json");
  const profiles = profilesPath === undefined ? undefined : gatherer.tree({ path: profilesPath }, "json");
  const collector = createCollector({ dialect, prefixes, lookup: lookupIn(config, dotenv) });
  if (config) offerConfig(config, collector);
  if (dotenv) offerVariables(withoutFillers(dotenv), variables, collector);
  if (profiles) offerProfiles(profiles.tree, profiles.name, collector);
  if (stateDir !== undefined) skipStored(stateDir, collector);
  return { ...readingOf(gatherer, collector), ...(stateDir !== undefined && { stateDir }) };
}

interface Places {
  readonly exact: string | undefined;
  readonly dirs: readonly string[];
  readonly configs: readonly Candidate[];
}

function placesOf(env: SourcePlace["env"], home: string): Places {
  const own = env["OPENCLAW_STATE_DIR"];
  const exact = env["OPENCLAW_CONFIG_PATH"];
  const inHome = (path: string): string =>
    path.startsWith("~/") ? join(home, path.slice(2)) : resolve(path);
  const dirs = [...(own ? [inHome(own)] : []), join(home, ".openclaw"), join(home, ".clawdbot")];
  const paths = dirs.flatMap((dir) => ["openclaw.json", "clawdbot.json"].map((name) => join(dir, name)));
  const configs = [...(exact ? [inHome(exact)] : []), ...paths].map((path) => ({ path }));
  return { exact: exact && inHome(exact), dirs, configs };
}

/** Where conversations lie: beside the configuration, unless that was named by itself; there may be no configuration. */
function stateDirOf({ exact, dirs }: Places, found: Candidate | undefined): string | undefined {
  if (found && found.path !== exact) return dirname(found.path);
  return dirs.find((dir) => existsSync(join(dir, "agents")) || isThere(join(dir, ".env")));
}

function offerConfig({ tree, name }: TreeFile, collector: Collector): void {
  const at = (path: string) => ({ from: `${name} ${path}`, value: valueAt(tree, ...path.split(".")) });
  collector.offer({ ...at("anthropic.apiKey"), key: "anthropic.apiKey" });
  collector.offer({ ...at("openai.apiKey"), key: "openai.apiKey" });
  collector.offer({ ...at("google.apiKey"), key: "google.apiKey" });
  offerProviders(tree, name, collector);
  offerModel(tree, name, collector);
  offerChannels(tree, name, collector);
  collector.offer({ ...at("gateway.auth.token"), key: "gateway.auth.token" });
  collector.offer({ ...at("gateway.auth.password"), key: "gateway.auth.password" });
  offerVariables({ name: `${name} env`, variables: envTexts(tree) }, variables, collector);
  for (const section of otherSections) {
    if (valueAt(tree, section) === undefined) continue;
    const isCron = section === "cron" || section === "memory";
    const more = isCron ? ": what is kept of it is imported as data" : "";
    collector.skip(`${name} ${section}`, `settings that have another form here, or none${more}`);
  }
}

/** `agents.defaults.model` is a text, or `{ primary, fallbacks }`. */
function offerModel(tree: TreeObject, name: string, collector: Collector): void {
  const path = ["agents", "defaults", "model"];
  const plain = valueAt(tree, ...path);
  const isSplit = valueAt(plain, "primary") !== undefined;
  const from = `${name} ${path.join(".")}${isSplit ? ".primary" : ""}`;
  collector.offer({ from, key: "agents.defaults.model", value: isSplit ? valueAt(plain, "primary") : plain });
  if (valueAt(plain, "fallbacks") !== undefined) {
    collector.skip(`${name} ${path.join(".")}.fallbacks`, "routes take their place here");
  }
  const agents = valueAt(tree, "agents", "list");
  if (Array.isArray(agents) && agents.length > 1) {
    collector.skip(`${name} agents.list`, "agents beside the first are set up anew");
  }
}

/** Texts of `env` and `env.vars`; what else stands there are switches. */
function envTexts(tree: TreeObject): Map<string, string> {
  const entries = [...entriesAt(tree, "env"), ...entriesAt(tree, "env", "vars")];
  const texts = new Map<string, string>();
  for (const [name, value] of entries) {
    if (typeof value === "string" && name !== "shellEnv" && name !== "vars" && !texts.has(name)) {
      texts.set(name, value);
    }
  }
  return texts;
}

function lookupIn(config: TreeFile | undefined, dotenv: VariablesFile | undefined) {
  const own = config ? envTexts(config.tree) : new Map<string, string>();
  return (name: string): string | undefined => dotenv?.variables.get(name) ?? own.get(name);
}

/** Its example file has `change-me…` where a key goes. */
function withoutFillers({ name, variables: all }: VariablesFile) {
  const real = [...all].filter(([, value]) => !value.toLowerCase().startsWith("change-me"));
  return { name, variables: new Map(real) };
}

/** What it keeps elsewhere, and is only told. */
function skipStored(stateDir: string, collector: Collector): void {
  const stored: readonly (readonly [string, string])[] = [
    [join("credentials", "oauth.json"), "sign-ins: sign in again with cara setup"],
    [
      join("agents", "main", "agent", "openclaw-agent.sqlite"),
      "keys and sign-ins in its database: set them with cara setup",
    ],
  ];
  for (const [path, reason] of stored) if (isThere(join(stateDir, path))) collector.skip(path, reason);
}
