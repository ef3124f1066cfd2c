import { agentIds, cronEntries, lint, modelBlanks, routeReferences, toolPolicyWord } from "./agents.ts";
import { botAccounts } from "./bots.ts";
import { hookMappings } from "./hooks.ts";
import { inertKeys } from "./inert.ts";
import { laterKeys, noTlsYet } from "./later.ts";
import { matrixAccount } from "./matrix.ts";
import { removedAliases, signatureFields, topLevelHooks } from "./removed.ts";
import type { Rule } from "./rule.ts";
import {
  authProfiles,
  bindWord,
  filesystemRoots,
  hooksToken,
  pluginNames,
  typingInterval,
  vertexRanges,
} from "./services.ts";

/** Every rule that looks at more than one key, or at keys that are gone (config.md §8). */
export const rules: readonly Rule[] = [
  topLevelHooks,
  removedAliases,
  signatureFields,
  routeReferences,
  modelBlanks,
  agentIds,
  toolPolicyWord,
  lint,
  cronEntries,
  bindWord,
  hooksToken,
  hookMappings,
  authProfiles,
  vertexRanges,
  filesystemRoots,
  typingInterval,
  pluginNames,
  botAccounts,
  matrixAccount,
  inertKeys,
  noTlsYet,
  laterKeys,
];
