import { isRecord } from "../../record.ts";
import { isAllowAll } from "../allow-all.ts";
import { parseModelRef } from "../model-ref.ts";
import { agentBlocks, at, error, isFilled, type Rule, warn } from "./rule.ts";

const maxSystemBytes = 10_000;
/** Known names in one sentence. */
const maxNamed = 10;

/** References to routes, and `route` beside `model` (config.md §8, row `routes`). */
export const routeReferences: Rule = ({ tree }) => {
  const routes = at(tree, "routes");
  const known = isRecord(routes) ? Object.keys(routes) : [];
  const names = known.length > 0 ? known.slice(0, maxNamed).join(", ") : "none is defined";
  return agentBlocks(tree).flatMap(({ path, block }) => {
    const { route, model } = block;
    if (!isFilled(route)) return [];
    const both = isFilled(model)
      ? [warn([...path, "model"], "route is set too and wins; remove one of them")]
      : [];
    if (isRecord(routes) && Object.hasOwn(routes, route)) return both;
    return [...both, error([...path, "route"], `no route "${route}" in routes; known: ${names}`)];
  });
};

/** Outer blanks around a model are cut off; say so. */
export const modelBlanks: Rule = ({ tree }) => {
  const routes = at(tree, "routes");
  const named = isRecord(routes)
    ? Object.entries(routes).map(([name, route]) => ({
        path: ["routes", name, "model"],
        model: at(route, "model"),
      }))
    : [];
  const models = [
    ...agentBlocks(tree).map(({ path, block }) => ({ path: [...path, "model"], model: block["model"] })),
    ...named,
  ];
  return models.flatMap(({ path, model }) =>
    isFilled(model) && model !== model.trim() ? [warn(path, "has blanks around it; remove them")] : [],
  );
};

/** Two agents of one name: the second is never chosen. */
export const agentIds: Rule = ({ tree }) => {
  const seen = new Set<unknown>();
  return agentBlocks(tree).flatMap(({ path, block }) => {
    if (typeof block["id"] !== "string") return [];
    if (seen.has(block["id"]))
      return [warn([...path, "id"], `a second agent "${block["id"]}"; give it another id`)];
    seen.add(block["id"]);
    return [];
  });
};

/** The only working short form is `allowall`; others would look like a limit and be none. */
export const toolPolicyWord: Rule = ({ tree }) =>
  agentBlocks(tree).flatMap(({ path, block }) => {
    const { toolPolicy } = block;
    if (typeof toolPolicy !== "string" || isAllowAll(toolPolicy)) return [];
    return [warn([...path, "toolPolicy"], "has no effect; use tools: { policy, list }")];
  });

/** Extra advice when `agents.promptGuard.config_lint` asks for it (config.md §8, row `promptGuard`). */
export const lint: Rule = ({ tree }) => {
  if (at(tree, "agents", "promptGuard", "config_lint", "enabled") !== true) return [];
  return agentBlocks(tree)
    .filter(({ path }) => path[1] === "list")
    .flatMap(({ path, block }) => {
      const { toolPolicy, exfiltrationGuard, maxTokens, system, model } = block;
      const open = typeof toolPolicy === "string" && isAllowAll(toolPolicy) && exfiltrationGuard !== true;
      const long = typeof system === "string" && Buffer.byteLength(system) > maxSystemBytes;
      return [
        ...(open ? [warn([...path, "toolPolicy"], "allows every tool without exfiltrationGuard")] : []),
        ...(maxTokens === undefined ? [warn(path, "sets no maxTokens")] : []),
        ...(long ? [warn([...path, "system"], `is longer than ${maxSystemBytes} bytes`)] : []),
        ...(model === undefined ? [warn(path, "sets no model")] : []),
      ];
    });
};

/** `cron.entries[]` (config.md §8). */
export const cronEntries: Rule = ({ tree }) => {
  const entries = at(tree, "cron", "entries");
  if (!Array.isArray(entries)) return [];
  const routes = at(tree, "routes");
  return entries.flatMap((entry, index) => {
    const path = ["cron", "entries", index];
    if (!isRecord(entry)) return [];
    const { schedule } = entry;
    const payload = entry["payload"];
    const isWhole = isRecord(schedule) || (typeof schedule === "string" && schedule.trim().startsWith("@"));
    const fields = typeof schedule === "string" ? schedule.trim().split(/\s+/).length : 0;
    const model = at(payload, "model");
    const route = at(payload, "route");
    const ref = typeof model === "string" ? parseModelRef(model) : undefined;
    const missing = isFilled(route) && !(isRecord(routes) && Object.hasOwn(routes, route));
    return [
      ...(!isWhole && (fields < 5 || fields > 6)
        ? [warn([...path, "schedule"], "must be a cron expression of 5 or 6 fields")]
        : []),
      ...(isRecord(payload) ? [] : [warn([...path, "payload"], "must be an object")]),
      ...(ref && !ref.ok ? [error([...path, "payload", "model"], ref.say)] : []),
      ...(missing ? [warn([...path, "payload", "route"], `no route "${route}" in routes`)] : []),
      ...(isFilled(route) && isFilled(model)
        ? [warn([...path, "payload"], "sets both route and model")]
        : []),
    ];
  });
};
