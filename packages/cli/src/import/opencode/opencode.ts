import { type Collector, createCollector } from "../plan/collector.ts";
import type { Dialect } from "../plan/literal.ts";
import { commonPrefixes, type ModelPrefixes } from "../plan/model.ts";
import { providerKeys } from "../plan/providers.ts";
import { readingOf } from "../plan/reading.ts";
import { createGatherer, type TreeFile } from "../read/gather.ts";
import { entriesAt, isTreeObject, type Tree, type TreeObject, valueAt } from "../read/tree.ts";
import type { Candidate, ImportSource, Reading, SourcePlace } from "../types.ts";
import { authPlaces, earlyPlaces, presentPlaces } from "./places.ts";

/**
 * OpenCode: the first versions' `.opencode.json` (cli.md §3.11), the `opencode.json(c)` of versions 1 and 2, and
 * `auth.json` (opencode.ai/docs/config, opencode.ai/v1/docs/providers, opencode.ai/docs/migrate-v1, November 2026).
 */
export const opencode: ImportSource = { name: "opencode", label: "OpenCode", configs, read };

const dialect: Dialect = { reference: /\{env:([A-Za-z_][A-Za-z0-9_]*)\}/g, fileReference: /\{file:[^}]*\}/ };

const prefixes: ModelPrefixes = { ...commonPrefixes, "amazon-bedrock": "bedrock", "google-vertex": "vertex" };

const otherSections: readonly string[] = [
  ...["mcpServers", "mcp", "lsp", "tui", "contextPaths", "instructions", "plugin", "plugins"],
  ...["permission", "permissions", "command", "commands", "agent"],
];

function configs(place: SourcePlace): readonly Candidate[] {
  return [...presentPlaces(place), ...earlyPlaces(place)];
}

function read(place: SourcePlace): Reading {
  const gatherer = createGatherer();
  const collector = createCollector({ dialect, prefixes });
  for (const candidate of gatherer.present(presentPlaces(place))) {
    const file = gatherer.tree(candidate, "json");
    if (file) offerFile(file, collector);
  }
  const early = gatherer.first(earlyPlaces(place));
  const earlyFile = early && gatherer.tree(early, "json");
  if (earlyFile) offerFile(earlyFile, collector);
  for (const candidate of gatherer.present(authPlaces(place))) {
    const file = gatherer.tree(candidate, "json");
    if (file) offerSignIns(file, collector);
  }
  return readingOf(gatherer, collector);
}

function offerFile(file: TreeFile, collector: Collector): void {
  const { tree, name } = file;
  const off = valueAt(tree, "disabled_providers");
  const disabled = Array.isArray(off) ? off : [];
  for (const section of ["provider", "providers"]) {
    for (const [id, entry] of entriesAt(tree, section)) {
      const from = `${name} ${section}.${id}`;
      const isOff = valueAt(entry, "disabled") === true || disabled.includes(id);
      if (isOff) collector.skip(from, "switched off there");
      else offerProvider({ from, id, entry, mayRedirect: !file.isForeign }, collector);
    }
  }
  offerModels(tree, name, collector);
  for (const section of otherSections) {
    if (valueAt(tree, section) !== undefined) collector.skip(`${name} ${section}`, "has no equivalent here");
  }
}

interface Provider {
  readonly from: string;
  readonly id: string;
  readonly entry: Tree;
  /** A repository's file may not say where keys and conversations go. */
  readonly mayRedirect: boolean;
}

function offerProvider({ from, id, entry, mayRedirect }: Provider, collector: Collector): void {
  const keys = providerKeys(id);
  if (keys === undefined) {
    collector.skip(from, "a provider that this program does not have");
    return;
  }
  // The first versions, version 1, version 2.
  const settings = ["options", "settings"].map((part) => valueAt(entry, part)).find(isTreeObject) ?? entry;
  const baseUrl = valueAt(settings, "baseURL") ?? valueAt(settings, "baseUrl");
  if (baseUrl !== undefined && !mayRedirect) {
    collector.skip(from, "its address is not taken from a file of this folder: set it with cara setup");
    return;
  }
  const apiKey = { from: `${from}.apiKey`, key: keys.apiKey, value: valueAt(settings, "apiKey") };
  if (baseUrl === undefined || isDefault(baseUrl, id)) collector.offer(apiKey);
  else collector.offerServer({ apiKey, url: { from: `${from}.baseURL`, key: keys.baseUrl, value: baseUrl } });
}

/** The vendor's own address, written out. */
function isDefault(baseUrl: Tree, id: string): boolean {
  const vendors: Readonly<Record<string, string>> = {
    anthropic: "api.anthropic.com",
    openai: "api.openai.com",
    google: "generativelanguage.googleapis.com",
  };
  if (typeof baseUrl !== "string" || !URL.canParse(baseUrl)) return false;
  return Object.hasOwn(vendors, id) && new URL(baseUrl).host === vendors[id];
}

function offerModels(tree: TreeObject, name: string, collector: Collector): void {
  for (const path of ["model", "agents.coder.model"]) {
    const value = valueAt(tree, ...path.split("."));
    // The first versions wrote bedrock.claude-…
    const model = typeof value === "string" ? value.replace(/^bedrock\./, "bedrock:") : value;
    collector.offer({ from: `${name} ${path}`, key: "agents.defaults.model", value: model });
  }
}

/** `auth.json`: `{ "<provider>": { "type": "api", "key": … } }`. */
function offerSignIns({ tree, name }: TreeFile, collector: Collector): void {
  for (const [id, entry] of Object.entries(tree)) {
    const from = `${name} ${id}`;
    const key = providerKeys(id)?.apiKey;
    if (key === undefined) collector.skip(from, "a provider that this program does not have");
    else if (valueAt(entry, "type") !== "api")
      collector.skip(from, "a sign-in: sign in again with cara setup");
    else collector.offer({ from: `${from}.key`, key, value: valueAt(entry, "key") });
  }
}
