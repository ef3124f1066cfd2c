import type { CredentialStore } from "@carapace/secrets";
import type { CommandDefinition, ExitCode, Run } from "../../command/definition.ts";
import type { CliWorld } from "../../world.ts";
import { noteWarnings, writeContext, writeRefusal } from "../config/writing.ts";
import { noteGateway, openNamed } from "./known.ts";

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
  const secrets = await openNamed(name, world);
  if (!secrets.ok) return world.out.fail(secrets.say);
  const { kind, around } = secrets.value;
  if (kind === "database")
    return world.out.fail("without the database key nothing stored can be read again; it is not removed");
  const code =
    kind === "config"
      ? await removeFromConfig(name, world)
      : await removeFromStore(name, around.store, world);
  if (code !== 0) return code;
  const { tellAudit } = await import("../audit/tell.ts");
  await tellAudit({ event: "secret_changed", data: { name, action: "removed" } }, world);
  return 0;
}

async function removeFromConfig(key: string, world: CliWorld): Promise<ExitCode> {
  const { unsetConfigValue } = await import("@carapace/config/write");
  const context = { ...writeContext(world.env, "secrets rm"), secretKey: key };
  const written = await unsetConfigValue(key, context);
  if (!written.ok && written.code === "not_found")
    return world.out.fail(`${key} is not in the configuration file; ${elsewhere(key)}`);
  if (!written.ok) return world.out.fail(writeRefusal(written));
  world.out.result(`Removed ${key} from ${written.value.path}`);
  noteGateway(key, world.out);
  await noteWarnings(written.value, world.out);
  return 0;
}

async function removeFromStore(account: string, store: CredentialStore, world: CliWorld): Promise<ExitCode> {
  const { askStore } = await import("@carapace/secrets/credential-store");
  const removed = await askStore(() => store.delete(account));
  if (!removed.ok) return world.out.fail(removed.say);
  if (!removed.value)
    return world.out.fail(`${account} is not in the credential store (${store.kind}); ${elsewhere(account)}`);
  world.out.result(`Removed ${account} from the credential store (${store.kind})`);
  noteGateway(account, world.out);
  return 0;
}

function elsewhere(name: string): string {
  return `cara secrets where ${name} says where it is`;
}
