import type { Issue } from "@carapace/config";
import type { CommandDefinition, ExitCode, Run } from "../../command/definition.ts";
import { jsonOption } from "../../command/options.ts";

export const definition = {
  name: "config validate",
  summary: "Check the configuration and say what to mend",
  args: { file: { help: "Another file than the one in use", isRequired: false, isFile: true } },
  options: { json: jsonOption },
  examples: [
    { command: "cara config validate", says: "the file in use" },
    { command: "cara config validate ./draft.json5 --json", says: "a draft, in a script" },
  ],
} as const satisfies CommandDefinition;

/** Exit code 1 if anything forbids using the file; warnings alone are fine. */
export async function run({ args, options, world }: Run<typeof definition>): Promise<ExitCode> {
  const { describeIssue, errorsOf, loadConfig } = await import("@carapace/config");
  const loaded = await loadConfig({
    env: world.env,
    ...(args.file === undefined ? {} : { path: args.file }),
  });
  if (!loaded.ok) {
    if (options.json)
      world.out.json({ valid: false, issues: [{ severity: "error", path: "", message: loaded.say }] });
    return world.out.fail(loaded.say);
  }
  const { exists, path, issues } = loaded.value;
  if (args.file !== undefined && !exists) return world.out.fail(`there is no file ${args.file}`);
  const isValid = errorsOf(issues).length === 0;
  if (options.json) world.out.json({ valid: isValid, path, exists, issues });
  else {
    for (const issue of issues) world.out.result(issueLine(issue, describeIssue));
    if (isValid) world.out.result(exists ? `${path} is valid.` : `There is no ${path}: the defaults apply.`);
  }
  return isValid ? 0 : 1;
}

function issueLine(issue: Issue, describe: (issue: Issue) => string): string {
  return `${issue.severity === "error" ? "Error" : "Warning"}: ${describe(issue)}`;
}
