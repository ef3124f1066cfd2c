import type { CommandDefinition, ExitCode, Run } from "../../command/definition.ts";
import { jsonOption } from "../../command/options.ts";
import { knownSecrets, openSecrets } from "./known.ts";
import type { KnownSecret } from "./places.ts";

export const definition = {
  name: "secrets list",
  summary: "List the secrets that are set, and where each is kept",
  details: [
    "Names and places only: no value is shown. Where a secret is in several places, the first one counts.",
  ],
  options: { json: jsonOption },
  examples: [{ command: "cara secrets list", says: "what is set, and where" }],
} as const satisfies CommandDefinition;

export async function run({ options, world }: Run<typeof definition>): Promise<ExitCode> {
  const secrets = await openSecrets(world);
  if (!secrets.ok) return world.out.fail(secrets.say);
  const known = await knownSecrets(secrets.value);
  const { kind, isDurable, why } = secrets.value.around.store;
  if (options.json) {
    world.out.json({ store: { kind, isDurable, ...(why && { why }) }, secrets: known });
    return 0;
  }
  for (const secret of known) world.out.result(describeSecret(secret));
  world.out.result(`Credential store: ${kind}${why ? ` (${why})` : ""}`);
  return 0;
}

/** One line for each place, the name before the first. Pure. */
export function describeSecret({ name, places, note }: KnownSecret): string {
  const lines = places.map(
    ({ place, at, how }, index) =>
      `${(index === 0 ? `${name}:` : "  then").padEnd(28)} ${place}: ${at} (${how})`,
  );
  // What could not be asked may hold it.
  const nowhere = note ? "not known" : "not set";
  const shown = lines.length === 0 ? [`${`${name}:`.padEnd(28)} ${nowhere}`] : lines;
  return [...shown, ...(note ? [`  ${note}`] : [])].join("\n");
}
