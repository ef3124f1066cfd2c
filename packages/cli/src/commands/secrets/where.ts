import type { CommandDefinition, ExitCode, Run } from "../../command/definition.ts";
import { jsonOption } from "../../command/options.ts";
import { knownSecret, openNamed } from "./known.ts";
import { describeSecret } from "./list.ts";

export const definition = {
  name: "secrets where",
  summary: "Say where one secret is kept, and which place counts",
  args: { name: { help: "For example openai.apiKey, gateway.auth.token or database-key", isRequired: true } },
  options: { json: jsonOption },
  hidesWrongWords: true,
  examples: [{ command: "cara secrets where gateway.auth.token", says: "which of its places counts" }],
} as const satisfies CommandDefinition;

/** Exit code 1 if it is not set anywhere. */
export async function run({ args, options, world }: Run<typeof definition>): Promise<ExitCode> {
  const secrets = await openNamed(args.name, world);
  if (!secrets.ok) return world.out.fail(secrets.say);
  const known = await knownSecret(args.name, secrets.value);
  if (options.json) world.out.json(known);
  else world.out.result(describeSecret(known));
  return known.places.length > 0 ? 0 : 1;
}
