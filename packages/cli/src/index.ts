import { referencePage } from "./command/reference.ts";
import { allDefinitions } from "./commands/index.ts";

export type { CommandDefinition } from "./command/definition.ts";

const definitions = await allDefinitions();

/** The reference page of the command line, as Markdown, generated from the command table. */
export function cliReference(): string {
  return referencePage(definitions);
}
