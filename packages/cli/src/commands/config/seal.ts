import type { SealReport } from "@carapace/config/seal";
import type { CommandDefinition, ExitCode, Run } from "../../command/definition.ts";
import { jsonOption } from "../../command/options.ts";
import type { Output } from "../../output/output.ts";
import { tellConfigChanged } from "../audit/tell.ts";
import { writeContext, writeRefusal } from "./writing.ts";

export const definition = {
  name: "config seal",
  summary: "Seal the secrets that stand readable in the configuration file",
  details: [
    "Needs the password in CARAPACE_CONFIG_PASSWORD; the gateway and every cara command need it from then on, too. What\n" +
      "is sealed already stays as it is, and so do comments. A text that refers to a variable is not sealed.",
  ],
  options: { dryRun: { kind: "flag", help: "Only say what would be sealed" }, json: jsonOption },
  examples: [
    { command: "cara config seal --dry-run", says: "what would be sealed" },
    { command: "cara config seal", says: "seal it" },
  ],
} as const satisfies CommandDefinition;

/** config.md §11. */
export async function run({ options, world }: Run<typeof definition>): Promise<ExitCode> {
  const { sealConfig } = await import("@carapace/config/seal");
  const { dryRun } = options;
  const done = await sealConfig(writeContext(world.env, "config seal"), { dryRun });
  if (!done.ok) return world.out.fail(writeRefusal(done));
  if (options.json) world.out.json({ ...done.value, dryRun });
  else tell(done.value, dryRun, world.out);
  const { sealed } = done.value;
  if (!dryRun && sealed.length > 0) await tellConfigChanged("seal", sealed.join(", "), world);
  return 0;
}

function tell(
  { path, sealed, already, included, leftovers }: SealReport,
  dryRun: boolean,
  out: Output,
): void {
  for (const key of sealed) out.result(`${dryRun ? "Would seal" : "Sealed"} ${key}`);
  if (sealed.length === 0) out.result(`There is nothing to seal in ${path}.`);
  if (already.length > 0) out.note(`Sealed before: ${already.join(", ")}`);
  if (included.length > 0) {
    out.note(`Warning: readable in an included file, which is not written to: ${included.join(", ")}`);
  }
  for (const { key, lines } of leftovers) {
    out.note(
      `Warning: the text of ${key} also stands in ${path} at line ${lines.join(", ")}; remove it there`,
    );
  }
}
