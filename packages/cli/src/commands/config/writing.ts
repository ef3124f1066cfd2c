import type { ConfigSnapshot, Environment } from "@carapace/config";
import type { WriteContext } from "@carapace/config/write";
import type { Refusal } from "@carapace/protocol/failures";
import { isRecord } from "../../link/json.ts";
import type { Output } from "../../output/output.ts";

/** How the command line names itself in the refusals of a write. */
export function writeContext(
  env: Environment,
  command:
    | `config ${"rekey" | "seal" | "set" | "unset"}`
    | `secrets ${"rm" | "set"}`
    | "hooks add"
    | "state rekey",
): WriteContext {
  return { env, method: `cara ${command}`, through: `\`cara ${command}\`` };
}

/** A refused write for a person: each rule the change would have broken, which the wire keeps in the details. Pure. */
export function writeRefusal({ say, details }: Refusal): string {
  // The sentence is the one every way of writing gives; here is somebody who can do something about it.
  if (say.startsWith("Cannot modify protected")) return `${say}. ${protectedHint}`;
  const issues = isRecord(details) && Array.isArray(details["issues"]) ? details["issues"] : [];
  const lines = issues.filter(isRecord).map(({ path, message }) => {
    const at = typeof path === "string" && path !== "" ? `${path}: ` : "";
    return `${at}${String(message)}`;
  });
  if (lines.length === 0) return say;
  if (lines.length === 1) return `nothing was changed: ${lines[0]}`;
  return `nothing was changed:\n${lines.map((line) => `  ${line}`).join("\n")}`;
}

const protectedHint =
  "It is a credential, or says where one goes or who may come in: use cara secrets set for a secret, else an editor " +
  "(cara config path says where the file is).";

/** Tells what the file warns of after a write. */
export async function noteWarnings({ issues }: ConfigSnapshot, out: Output): Promise<void> {
  const { describeIssue, warningsOf } = await import("@carapace/config");
  for (const issue of warningsOf(issues)) out.note(`Warning: ${describeIssue(issue)}`);
}
