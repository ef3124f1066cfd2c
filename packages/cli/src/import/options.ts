import type { OptionDefinition, OptionValues } from "../command/definition.ts";
import { jsonOption, yesOption } from "../command/options.ts";

/** What every import of another program's configuration takes. */
export const importOptions = {
  dryRun: { kind: "flag", help: "Only show what would be imported" },
  yes: yesOption,
  merge: { kind: "flag", help: "Add to the configuration that is there; what it has stays" },
  force: { kind: "flag", help: "Replace the configuration that is there; a copy of it is kept" },
  json: jsonOption,
} as const satisfies Record<string, OptionDefinition>;

/** What was typed of them. */
export interface ImportOptions extends OptionValues<typeof importOptions> {
  /** Only the configuration, or only what is kept beside it; both unless told. */
  readonly only?: "config" | "data" | undefined;
}
