import type { Finding } from "../../load/places.ts";
import { isRecord } from "../../record.ts";
import { agentBlocks, at, error, type Rule, type Subject } from "./rule.ts";

/** Old spelling → key of today. They mark files of older tools and must not be ignored in silence. */
const inAgent: Readonly<Record<string, string>> = {
  max_turns: "maxTurns",
  max_tokens: "maxTokens",
  exfiltration_guard: "exfiltrationGuard",
  prompt_guard: "promptGuard",
  output_sanitizer: "outputSanitizer",
  process_sandbox: "sandbox",
  processSandbox: "sandbox",
};
const inSignature: Readonly<Record<string, string>> = {
  require_signature: "requireSignature",
  trusted_publishers: "trustedPublishers",
};

/** Removed aliases (config.md §8, rows `agents`, `promptGuard`, `outputSanitizer`, `sessions`, `plugins`). */
export const removedAliases: Rule = ({ tree }: Subject) => {
  const { prompt_guard = "", output_sanitizer = "" } = inAgent;
  const agents = at(tree, "agents");
  const blocks = agentBlocks(tree);
  const guards = [{ path: ["agents"], block: agents }, ...blocks];
  return [
    ...aliasesIn(agents, ["agents"], { prompt_guard, output_sanitizer }),
    ...blocks.flatMap(({ path, block }) => aliasesIn(block, path, inAgent)),
    ...aliasesIn(at(tree, "agents", "defaults"), ["agents", "defaults"], { timeout: "timeoutSeconds" }),
    ...guards.flatMap(({ path, block }) => [
      ...aliasesIn(at(block, "promptGuard"), [...path, "promptGuard"], { configLint: "config_lint" }),
      ...aliasesIn(at(block, "outputSanitizer"), [...path, "outputSanitizer"], {
        sanitize_html: "sanitizeHtml",
        csp_policy: "cspPolicy",
      }),
    ]),
    ...aliasesIn(at(tree, "sessions"), ["sessions"], { retentionDays: "retention.days" }),
    ...aliasesIn(at(tree, "plugins", "signature"), ["plugins", "signature"], inSignature),
  ];
};

/** `hooks` at the top is a file of an older tool: its webhooks would silently not be served. */
export const topLevelHooks: Rule = ({ tree }) =>
  at(tree, "hooks") === undefined
    ? []
    : [error(["hooks"], "hooks must stand in gateway.hooks; move it there")];

/** The section is a safety switch: a misspelt field must not leave it at its default (config.md §13.5). */
export const signatureFields: Rule = ({ tree }) => {
  const signature = at(tree, "plugins", "signature");
  if (!isRecord(signature)) return [];
  const known = ["enabled", "requireSignature", "trustedPublishers", ...Object.keys(inSignature)];
  return Object.keys(signature)
    .filter((name) => !known.includes(name))
    .map((name) => error(["plugins", "signature", name], `unknown field "${name}"; remove it`));
};

function aliasesIn(
  block: unknown,
  path: readonly (string | number)[],
  aliases: Readonly<Record<string, string>>,
): Finding[] {
  if (!isRecord(block)) return [];
  return Object.entries(aliases)
    .filter(([old]) => Object.hasOwn(block, old))
    .map(([old, now]) => error([...path, old], `${old} is gone; write ${now}`));
}
