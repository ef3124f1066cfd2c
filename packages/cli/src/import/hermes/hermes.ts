import { join } from "node:path";
import { type Collector, createCollector } from "../plan/collector.ts";
import type { Dialect, Lookup } from "../plan/literal.ts";
import { readingOf } from "../plan/reading.ts";
import {
  channelVariables,
  offerVariables,
  providerVariables,
  type VariableTargets,
} from "../plan/variables.ts";
import { createGatherer, type TreeFile, type VariablesFile } from "../read/gather.ts";
import { isThere } from "../read/source-text.ts";
import { type Tree, valueAt } from "../read/tree.ts";
import type { Candidate, ImportSource, Reading, SourcePlace } from "../types.ts";
import { type HermesModel, hermesModel } from "./model.ts";

/**
 * Hermes Agent of Nous Research: `~/.hermes/config.yaml` and `~/.hermes/.env`, or below `HERMES_HOME` (NousResearch/
 * hermes-agent: website/docs/user-guide/configuration.md, cli-config.yaml.example and .env.example, November 2026).
 */
export const hermes: ImportSource = { name: "hermes", label: "Hermes Agent", configs, read };

const dialect: Dialect = { reference: /\$\{(?:env:)?([A-Za-z_][A-Za-z0-9_]*)\}/g };

const variables: VariableTargets = {
  ...providerVariables,
  ...channelVariables,
  ANTHROPIC_BASE_URL: "anthropic.baseUrl",
  OPENAI_BASE_URL: "openai.baseUrl",
  TELEGRAM_WEBHOOK_SECRET: "telegram.webhookSecret",
};

/** Variables that say something, but nothing for us. */
const skippedVariables: readonly (readonly [RegExp, string])[] = [
  [/^(ANTHROPIC_TOKEN|CLAUDE_CODE_OAUTH_TOKEN)$/, "a sign-in: sign in again with cara setup"],
  [/^SLACK_APP_TOKEN$/, "socket mode is not used here"],
  [/^[A-Z]+_ALLOWED_USERS$|ALLOW_ALL_USERS$/, "who may write is decided anew here"],
  [/^MATRIX_/, "Matrix is set up as a new device: use cara setup"],
  [/^OLLAMA_(API_KEY|BASE_URL)$/, "Ollama's cloud; a server of your own is set with cara setup"],
  [/_API_KEY$|^HF_TOKEN$/, "a service that this program does not have"],
];

const otherSections: readonly string[] = [
  ...["fallback_providers", "fallback_model", "custom_providers", "providers", "mcp_servers", "toolsets"],
  ...["terminal", "memory", "skills", "plugins", "delegation", "auxiliary", "platforms", "secrets"],
];

function dirOf({ env, home }: SourcePlace): string {
  return env["HERMES_HOME"] || join(home, ".hermes");
}

function configs(place: SourcePlace): readonly Candidate[] {
  return [{ path: join(dirOf(place), "config.yaml") }];
}

function read(place: SourcePlace): Reading {
  const gatherer = createGatherer();
  const dir = dirOf(place);
  const config = gatherer.tree({ path: join(dir, "config.yaml") }, "yaml");
  const dotenv = gatherer.variables({ path: join(dir, ".env") });
  const lookup = (name: string) => dotenv?.variables.get(name);
  const collector = createCollector({ dialect, lookup });
  if (config) offerConfig(config, lookup, collector);
  if (dotenv) offerDotenv(dotenv, collector);
  for (const [path, reason] of stored) if (isThere(join(dir, path))) collector.skip(path, reason);
  return readingOf(gatherer, collector);
}

const stored: readonly (readonly [string, string])[] = [
  ["auth.json", "sign-ins: sign in again with cara setup"],
  ["state.db", "conversations in a database of its own are not imported"],
  [join("memories", "MEMORY.md"), "notes are not imported"],
];

function offerConfig({ tree, name }: TreeFile, lookup: Lookup, collector: Collector): void {
  const model = valueAt(tree, "model");
  const chosen = hermesModel(model, (variable) => lookup(variable) !== undefined);
  if (chosen.kind === "skip") collector.skip(`${name} model`, chosen.reason);
  if (chosen.kind === "model") offerModel({ model, name, chosen }, collector);
  for (const section of otherSections) {
    if (hasContent(valueAt(tree, section))) {
      collector.skip(`${name} ${section}`, "settings that have another form here, or none");
    }
  }
  for (const channel of ["telegram", "discord", "slack"]) {
    if (hasContent(valueAt(tree, channel)))
      collector.skip(`${name} ${channel}`, "who may write is decided anew here");
  }
}

interface ModelOffer {
  readonly model: Tree | undefined;
  readonly name: string;
  readonly chosen: Extract<HermesModel, { kind: "model" }>;
}

function offerModel({ model, name, chosen }: ModelOffer, collector: Collector): void {
  const { apiKey, baseUrl, text, field } = chosen;
  const at = (setting: string) => ({ from: `${name} model.${setting}`, value: valueAt(model, setting) });
  if (apiKey && baseUrl) {
    const isServer = collector.offerServer({
      apiKey: { ...at("api_key"), key: apiKey },
      url: { ...at("base_url"), key: baseUrl },
    });
    if (!isServer) {
      collector.skip(`${name} ${field}`, "belongs to a server that is not taken over");
      return;
    }
  } else if (apiKey) collector.offer({ ...at("api_key"), key: apiKey });
  collector.offer({ from: `${name} ${field}`, key: "agents.defaults.model", value: text });
}

function hasContent(value: Tree | undefined): boolean {
  return value !== undefined && value !== null && !Bun.deepEquals(value, {}) && !Bun.deepEquals(value, []);
}

function offerDotenv(file: VariablesFile, collector: Collector): void {
  offerVariables(file, variables, collector);
  for (const variable of file.variables.keys()) {
    if (Object.hasOwn(variables, variable)) continue;
    const reason = skippedVariables.find(([names]) => names.test(variable))?.[1];
    if (reason !== undefined) collector.skip(`${file.name} ${variable}`, reason);
  }
}
