import type { JsonObject } from "@carapace/protocol";
import type { CommandDefinition, ExitCode, Run } from "../../command/definition.ts";
import { jsonOption } from "../../command/options.ts";
import type { Output } from "../../output/output.ts";

export const definition = {
  name: "config get",
  summary: "Print the value of one key, secrets redacted",
  details: [
    "Reads the file as it is written. With --effective: what is in force, includes and defaults applied.",
  ],
  args: { key: { help: "For example gateway.port or agents.list[0].model", isRequired: true } },
  options: {
    effective: { kind: "flag", help: "The value in force, with includes and defaults" },
    json: jsonOption,
  },
  examples: [
    { command: "cara config get gateway.port", says: "what the file says" },
    { command: "cara config get gateway --effective --json", says: "what is in force" },
  ],
} as const satisfies CommandDefinition;

/** cli.md §3.2. */
export async function run({ args, options, world }: Run<typeof definition>): Promise<ExitCode> {
  const { describeIssue, errorsOf, loadConfig, lookupKey, parseKey, shownConfig, shownFile } = await import(
    "@carapace/config"
  );
  if (parseKey(args.key) === undefined)
    return world.out.fail(`"${args.key}" is not a key; write it like gateway.port`);
  const loaded = await loadConfig({ env: world.env });
  if (!loaded.ok) return world.out.fail(loaded.say);
  const errors = errorsOf(loaded.value.issues);
  for (const issue of errors) world.out.note(`Error: ${describeIssue(issue)}`);
  const effective = () => lookupKey(asJson(shownConfig(loaded.value, "api")), args.key);
  const value = options.effective ? effective() : lookupKey(asJson(shownFile(loaded.value).parsed), args.key);
  if (value === undefined) {
    const hint =
      !options.effective && effective() !== undefined
        ? " in the file; --effective shows the value in force"
        : "";
    world.out.note(`Key not found: ${args.key}${hint}`);
    return 1;
  }
  printValue(value, options.json, world.out);
  // What the file says is said; what would be in force is in force nowhere while the file breaks a rule.
  return options.effective && errors.length > 0 ? 1 : 0;
}

/** Text is printed as it is, unless JSON was asked for; everything else is JSON. */
export function printValue(value: unknown, asJson: boolean, out: Output): void {
  if (typeof value === "string" && !asJson) out.result(value);
  else out.json(value);
}

/** The tree as a file would hold it. */
function asJson(tree: unknown): JsonObject {
  return JSON.parse(JSON.stringify(tree));
}
