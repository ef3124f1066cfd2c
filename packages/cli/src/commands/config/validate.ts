import type { Issue } from "@carapace/config";
import type { Refusal } from "@carapace/protocol/failures";
import type { CommandDefinition, ExitCode, Run } from "../../command/definition.ts";
import { jsonOption } from "../../command/options.ts";
import { isRecord } from "../../link/json.ts";

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
  const { configPathOf, describeIssue, errorsOf, loadConfig } = await import("@carapace/config");
  const loaded = await loadConfig({
    env: world.env,
    ...(args.file === undefined ? {} : { path: args.file }),
  });
  if (!loaded.ok) {
    if (options.json) world.out.json(notLoaded(loaded, args.file ?? configPathOf(world.env)));
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

/** The same shape as for a file that loads; what the loader knows of the place is in the refusal's details. */
function notLoaded({ say, details }: Refusal, path: string) {
  const told = isRecord(details) ? details["issues"] : undefined;
  const issues = Array.isArray(told) ? told : [{ severity: "error", path: "", message: say }];
  return { valid: false, path, exists: true, issues };
}

function issueLine(issue: Issue, describe: (issue: Issue) => string): string {
  return `${issue.severity === "error" ? "Error" : "Warning"}: ${describe(issue)}`;
}
