import type { ModelProvider } from "@carapace/config";
import { anthropic } from "./anthropic.ts";
import { bedrock } from "./bedrock.ts";
import { claudeCli } from "./claude-cli.ts";
import { codex } from "./codex.ts";
import { gemini } from "./gemini.ts";
import { nearai } from "./nearai.ts";
import { ollama } from "./ollama.ts";
import { openai } from "./openai.ts";
import type { VendorDefinition } from "./vendor.ts";
import { venice } from "./venice.ts";
import { vertex } from "./vertex.ts";

/**
 * Who answers for each prefix of a model string; a forgotten one does not compile. Of those set up the first here gives
 * the model of an owner who chose none. `built-in` ones need no settings.
 */
const vendors: Readonly<Record<ModelProvider, VendorDefinition | "built-in">> = {
  anthropic,
  openai,
  ollama,
  gemini,
  vertex,
  bedrock,
  codex,
  nearai,
  venice,
  "claude-cli": claudeCli,
  offline: "built-in",
};

const table: ReadonlyMap<string, VendorDefinition | "built-in"> = new Map(Object.entries(vendors));

/** The vendors this version has, in the order in which they give the default model. */
export const presentVendors: readonly (readonly [id: string, vendor: VendorDefinition])[] = [
  ...table,
].flatMap(([id, entry]) => (entry === "built-in" ? [] : [[id, entry] as const]));

/** Why there is no provider of this prefix, and what to do, for the owner. */
export function whyAbsent(prefix: string): string {
  const entry = table.get(prefix);
  if (entry === undefined || entry === "built-in") return `no such provider: ${useAnother}`;
  return entry.howToSetUp;
}

const ids = presentVendors.map(([id]) => id);
const useAnother = `use a model of ${ids.slice(0, -1).join(", ")} or ${ids.at(-1)}, or offline:basic`;
