import type { ConfigSnapshot, Issue } from "@carapace/config";
import type { CliWorld } from "../world.ts";
import { type Check, fail } from "./check.ts";
import type { VerifyOutcome } from "./types.ts";

export type ReadConfiguration =
  | { readonly ok: true; readonly snapshot: ConfigSnapshot }
  /** It cannot be used: the check that says so. */
  | { readonly ok: false; readonly check: Check };

const name = "Configuration";

/** Reads this machine's configuration as the gateway would; there may be no file, and then the defaults hold. */
export async function readConfiguration(
  { env }: CliWorld,
  outcome: VerifyOutcome,
): Promise<ReadConfiguration> {
  const { loadConfig, describeIssue, errorsOf } = await import("@carapace/config");
  const loaded = await loadConfig({ env });
  if (!loaded.ok) return { ok: false, check: fail(name, loaded.say, adviceFor(loaded.say)) };
  const errors = errorsOf(loaded.value.issues).filter((issue) => outcome !== "matrix" || !isOfMatrix(issue));
  const first = errors[0];
  if (first === undefined) return { ok: true, snapshot: loaded.value };
  const more = errors.length === 1 ? "" : ` (and ${errors.length - 1} more)`;
  const say = `${describeIssue(first)}${more}`;
  return { ok: false, check: fail(name, say, adviceFor(say)) };
}

/** What is wrong with the Matrix account has checks of its own. */
export function isOfMatrix({ path }: Issue): boolean {
  return path === ".matrix" || path.startsWith(".matrix.");
}

/** What the environment alone says: all that is known here of a gateway elsewhere. */
export async function readEnvironment({ env }: CliWorld): Promise<ConfigSnapshot> {
  const { loadConfig } = await import("@carapace/config");
  const loaded = await loadConfig({ env, path: "/nonexistent/carapace.json" });
  if (!loaded.ok) throw new Error(loaded.say);
  return loaded.value;
}

/** Pure. */
function adviceFor(say: string): string {
  if (say.includes("agents.defaults.model"))
    return "write it as provider:model, with cara config set agents.defaults.model <provider:model> or cara setup --force";
  return /the variable \w+ is not set/.test(say)
    ? "export it in the shell that starts the gateway and in this one, or run cara setup --force; cara config validate checks it"
    : "mend the file (cara config validate shows every error, cara config path where it is), or write a new one with cara setup --force";
}
