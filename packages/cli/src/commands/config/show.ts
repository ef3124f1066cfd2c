import type { CommandDefinition, ExitCode, Run } from "../../command/definition.ts";
import { jsonOption } from "../../command/options.ts";

export const definition = {
  name: "config show",
  summary: "Print the configuration in force, defaults included, secrets redacted",
  details: ["It is JSON with and without --json."],
  options: { json: jsonOption },
  examples: [{ command: "cara config show", says: "everything" }],
} as const satisfies CommandDefinition;

/** cli.md §3.2. A file that does not load is a refusal; one that breaks a rule is shown, with an error: nothing starts with it. */
export async function run({ world }: Run<typeof definition>): Promise<ExitCode> {
  const { describeIssue, errorsOf, loadConfig, shownConfig } = await import("@carapace/config");
  const loaded = await loadConfig({ env: world.env });
  if (!loaded.ok) return world.out.fail(loaded.say);
  for (const issue of loaded.value.issues) {
    world.out.note(`${issue.severity === "error" ? "Error" : "Warning"}: ${describeIssue(issue)}`);
  }
  world.out.json(shownConfig(loaded.value, "show"));
  return errorsOf(loaded.value.issues).length > 0 ? 1 : 0;
}
