import { existsSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import { type Collector, createCollector } from "../plan/collector.ts";
import type { Dialect } from "../plan/literal.ts";
import { commonPrefixes, type ModelPrefixes } from "../plan/model.ts";
import { providerKeys } from "../plan/providers.ts";
import { readingOf } from "../plan/reading.ts";
import { offerVariables, type VariableTargets } from "../plan/variables.ts";
import { createGatherer, type TreeFile, type VariablesFile } from "../read/gather.ts";
import { valueAt } from "../read/tree.ts";
import type { Candidate, ImportSource, Reading, SourcePlace } from "../types.ts";

/**
 * Aider: `.aider.conf.yml` and `.env` of this folder, of the repository's root and of the home folder, the nearest first
 * (cli.md §3.11; aider.chat/docs/config/{aider_conf,dotenv,api-keys}.html, November 2026).
 */
export const aider: ImportSource = { name: "aider", label: "Aider", configs, read };

/** `.env` files may build a value from variables. */
const dialect: Dialect = { reference: /\$\{([A-Za-z_][A-Za-z0-9_]*)\}/g };

const prefixes: ModelPrefixes = {
  ...commonPrefixes,
  vertex_ai: "vertex",
  ollama_chat: "ollama",
};

const variables: VariableTargets = {
  OPENAI_API_KEY: "openai.apiKey",
  AIDER_OPENAI_API_KEY: "openai.apiKey",
  ANTHROPIC_API_KEY: "anthropic.apiKey",
  AIDER_ANTHROPIC_API_KEY: "anthropic.apiKey",
  GEMINI_API_KEY: "google.apiKey",
  AIDER_MODEL: "agents.defaults.model",
};

/** Where conversations go is only taken from the user's own files, not from a repository's. */
const addresses: VariableTargets = {
  OPENAI_API_BASE: "openai.baseUrl",
  AIDER_OPENAI_API_BASE: "openai.baseUrl",
  OLLAMA_API_BASE: "providers.ollama.baseUrl",
};

const otherSettings: readonly string[] = [
  ...["auto-commits", "lint-cmd", "test-cmd", "dark-mode", "light-mode", "voice-format", "map-tokens"],
  ...["edit-format", "architect", "weak-model", "editor-model", "set-env", "env-file", "alias", "read"],
];

function read(place: SourcePlace): Reading {
  const gatherer = createGatherer();
  const dotenvs = foldersOf(place).map((folder) => candidate(folder, ".env"));
  const configFiles = gatherer.present(configs(place)).flatMap((one) => gatherer.tree(one, "yaml") ?? []);
  const dotenvFiles = gatherer.present(dotenvs).flatMap((one) => gatherer.variables(one) ?? []);
  // A repository's files draw nothing from the user's own, nor the user's from a repository's.
  let isForeign = false;
  const lookup = (name: string) =>
    dotenvFiles.map((file) => (file.isForeign === isForeign ? file.variables.get(name) : "")).find(Boolean);
  const collector = createCollector({ dialect, prefixes, lookup });
  for (const file of configFiles) {
    isForeign = file.isForeign;
    offerConfig(file, collector);
  }
  for (const file of dotenvFiles) {
    isForeign = file.isForeign;
    offerDotenv(file, collector);
  }
  return readingOf(gatherer, collector);
}

function configs(place: SourcePlace): readonly Candidate[] {
  return foldersOf(place).map((folder) => candidate(folder, ".aider.conf.yml"));
}

function candidate({ dir, shown, isForeign }: Folder, name: string): Candidate {
  return { path: join(dir, name), name: `${shown}/${name}`, isForeign };
}

interface Folder {
  readonly dir: string;
  /** As it is told. */
  readonly shown: string;
  readonly isForeign: boolean;
}

function foldersOf({ home, cwd }: SourcePlace): readonly Folder[] {
  const root = repositoryOf(cwd);
  const dirs = [...new Set([cwd, ...(root === undefined ? [] : [root]), home])];
  return dirs.map((dir) => {
    const shown = dir === home ? "~" : dir === cwd ? "." : basename(dir);
    return { dir, shown, isForeign: dir !== home };
  });
}

function repositoryOf(cwd: string): string | undefined {
  for (let dir = cwd; ; dir = dirname(dir)) {
    if (existsSync(join(dir, ".git"))) return dir;
    if (dir === dirname(dir)) return undefined;
  }
}

function offerConfig(file: TreeFile, collector: Collector): void {
  const { tree, name, isForeign } = file;
  const at = (path: string) => ({ from: `${name} ${path}`, value: valueAt(tree, path) });
  collector.offer({ ...at("openai-api-key"), key: "openai.apiKey" });
  collector.offer({ ...at("anthropic-api-key"), key: "anthropic.apiKey" });
  collector.offer({ ...at("model"), key: "agents.defaults.model" });
  offerKeyList(file, collector);
  if (at("openai-api-base").value !== undefined) {
    if (isForeign) collector.skip(at("openai-api-base").from, fromFolder);
    else collector.offer({ ...at("openai-api-base"), key: "openai.baseUrl" });
  }
  for (const setting of otherSettings) {
    if (valueAt(tree, setting) !== undefined) collector.skip(`${name} ${setting}`, "has no equivalent here");
  }
}

const fromFolder = "an address is not taken from a file of this folder: set it with cara setup";

/** `api-key`: `provider=key`, or a list of them. */
function offerKeyList({ tree, name }: TreeFile, collector: Collector): void {
  const given = valueAt(tree, "api-key");
  for (const entry of Array.isArray(given) ? given : [given]) {
    if (typeof entry !== "string") continue;
    const [provider = "", ...rest] = entry.split("=");
    const id = provider.trim().toLowerCase();
    const key = providerKeys(id)?.apiKey;
    // Without a sign between them it may be the key itself.
    const from = `${name} api-key${rest.length === 0 ? "" : ` ${id}`}`;
    if (key === undefined) collector.skip(from, "a provider that this program does not have");
    else collector.offer({ from, key, value: rest.join("=") });
  }
}

function offerDotenv(file: VariablesFile, collector: Collector): void {
  offerVariables(file, variables, collector);
  if (!file.isForeign) {
    offerVariables(file, addresses, collector);
    return;
  }
  for (const variable of Object.keys(addresses)) {
    if (file.variables.has(variable)) collector.skip(`${file.name} ${variable}`, fromFolder);
  }
}
