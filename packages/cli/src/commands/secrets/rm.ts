import type { CommandDefinition, ExitCode, Run } from "../../command/definition.ts";
import type { CliWorld } from "../../world.ts";
import { writeRefusal } from "../config/writing.ts";
import { nameKind, noSuchName, openSecrets, type Secrets } from "./known.ts";

export const definition = {
  name: "secrets rm",
  summary: "Remove a secret from the configuration file or the credential store",
  args: { name: { help: "For example openai.apiKey or gateway:token:default", isRequired: true } },
  options: {},
  hidesWrongWords: true,
  examples: [
    { command: "cara secrets rm openai.apiKey", says: "from the configuration file" },
    { command: "cara secrets rm device:cli:identity", says: "to get a new device key, and pair again" },
  ],
} as const satisfies CommandDefinition;

export async function run({ args, world }: Run<typeof definition>): Promise<ExitCode> {
  const { name } = args;
  const secrets = await openSecrets(world);
  if (!secrets.ok) return world.out.fail(secrets.say);
  switch (await nameKind(name, secrets.value.around)) {
    case undefined:
      return world.out.fail(noSuchName);
    case "database":
      return world.out.fail("without the database key nothing stored can be read again; it is not removed");
    case "config":
      return await removeFromConfig(name, world);
    case "identity":
    case "account":
      return await removeFromStore(name, secrets.value, world);
  }
}

async function removeFromConfig(key: string, world: CliWorld): Promise<ExitCode> {
  const { unsetConfigValue } = await import("@carapace/config");
  const written = await unsetConfigValue(key, {
    env: world.env,
    method: "cara secrets rm",
    through: "`cara secrets rm`",
    secretKey: key,
  });
  if (!written.ok) return world.out.fail(writeRefusal(written));
  world.out.result(`Removed ${key} from ${written.value.path}`);
  return 0;
}

async function removeFromStore(account: string, { around }: Secrets, world: CliWorld): Promise<ExitCode> {
  try {
    if (!(await around.store.delete(account)))
      return world.out.fail(`${account} is not in the credential store (${around.store.kind})`);
  } catch (error) {
    return world.out.fail(error instanceof Error ? error.message : "the credential store failed");
  }
  world.out.result(`Removed ${account} from the credential store (${around.store.kind})`);
  return 0;
}
