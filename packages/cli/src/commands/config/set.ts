import { redactNamed, redactTree } from "@carapace/config/redaction";
import type { Json } from "@carapace/protocol";
import type { CommandDefinition, ExitCode, Run } from "../../command/definition.ts";
import { compactJson } from "../../output/json.ts";
import { tellConfigChanged } from "../audit/tell.ts";
import { noteWarnings, writeContext, writeRefusal } from "./writing.ts";

export const definition = {
  name: "config set",
  summary: "Set one key of the configuration file",
  details: [
    "The value is read as JSON; what is no JSON is a text. Credentials and where they are sent cannot be set here: what\n" +
      "is typed in a shell is kept in its history. Use cara secrets set for a secret, an editor for the rest.",
  ],
  args: {
    key: { help: "For example gateway.port or agents.list[0].model", isRequired: true },
    value: { help: "For example 18790, true, '[\"a\"]', hello", isRequired: true },
  },
  options: {},
  examples: [
    { command: "cara config set gateway.port 18790", says: "a number" },
    { command: "cara config set agents.defaults.model ollama:llama3.2", says: "a text" },
    { command: "cara config set gateway.trustedProxies '[\"10.0.0.1\"]'", says: "a list" },
  ],
} as const satisfies CommandDefinition;

/** cli.md §3.2. */
export async function run({ args, world }: Run<typeof definition>): Promise<ExitCode> {
  const { parseKey } = await import("@carapace/config");
  const { setConfigValue } = await import("@carapace/config/write");
  const key = args.key.trim();
  const value = readValue(args.value);
  const written = await setConfigValue(key, value, writeContext(world.env, "config set"));
  if (!written.ok) return world.out.fail(writeRefusal(written));
  const leaf = parseKey(key)?.findLast((step) => typeof step === "string") ?? "";
  world.out.result(`Set ${key} = ${compactJson(redactNamed(leaf, redactTree(value, [])))}`);
  await noteWarnings(written.value, world.out);
  await tellConfigChanged("set", key, world);
  return 0;
}

/** JSON if it is JSON, else the text itself. */
function readValue(text: string): Json {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
