import type { ModelProvider } from "@carapace/config";
import { anthropic } from "./anthropic.ts";
import { bedrock } from "./bedrock.ts";
import { codex } from "./codex.ts";
import { gemini } from "./gemini.ts";
import { nearai } from "./nearai.ts";
import { ollama } from "./ollama.ts";
import { openai } from "./openai.ts";
import { nameIfSet, type ProviderSource } from "./settings.ts";
import type { LaterVendor, VendorDefinition } from "./vendor.ts";
import { venice } from "./venice.ts";

/**
 * Who answers for each prefix of a model string; a forgotten one does not compile. Of those set up the first here gives
 * the model of an owner who chose none. `built-in` ones need no settings.
 */
const vendors: Readonly<Record<ModelProvider, VendorDefinition | LaterVendor | "built-in">> = {
  anthropic,
  openai,
  ollama,
  gemini,
  vertex: { later: [{ variables: ["VERTEX_PROJECT_ID"], path: "vertex.projectId" }] },
  bedrock,
  codex,
  nearai,
  venice,
  "claude-cli": { later: [{ path: "claudeCli.enabled" }] },
  offline: "built-in",
};

const table: ReadonlyMap<string, VendorDefinition | LaterVendor | "built-in"> = new Map(
  Object.entries(vendors),
);

/** The vendors this version has, in the order in which they give the default model. */
export const presentVendors: readonly (readonly [id: string, vendor: VendorDefinition])[] = [
  ...table,
].flatMap(([id, entry]) => (entry === "built-in" || "later" in entry ? [] : [[id, entry] as const]));

/** Why there is no provider of this prefix, and what to do, for the owner. */
export function whyAbsent(prefix: string): string {
  const entry = table.get(prefix);
  if (entry === undefined || entry === "built-in") return `no such provider: ${useAnother}`;
  return "later" in entry ? `${prefix} is not in this version: ${useAnother}` : entry.howToSetUp;
}

const ids = presentVendors.map(([id]) => id);
const useAnother = `use a model of ${ids.slice(0, -1).join(", ")} or ${ids.at(-1)}, or offline:basic`;

/** Settings which were made and have no effect: their owner should learn why they do nothing. */
export function unusedSettings(source: ProviderSource): string[] {
  return [...table.values()]
    .flatMap((entry) => (entry === "built-in" ? [] : "later" in entry ? entry.later : (entry.unused ?? [])))
    .flatMap((setting) => nameIfSet(source, setting) ?? [])
    .map((name) => `${name} is set, but this version does not use it`);
}
