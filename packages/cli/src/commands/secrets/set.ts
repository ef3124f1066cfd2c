import type { CredentialStore } from "@carapace/secrets";
import type { CommandDefinition, ExitCode, Run } from "../../command/definition.ts";
import type { CliWorld } from "../../world.ts";
import { noteWarnings, writeContext, writeRefusal } from "../config/writing.ts";
import { noteGateway, openNamed } from "./known.ts";

export const definition = {
  name: "secrets set",
  summary: "Set a secret, typed at a prompt that does not show it",
  details: [
    "The value is asked for, or read from the first line of standard input; it is never typed behind the command. A name\n" +
      "like openai.apiKey is a key of the configuration file, where it is sealed if CARAPACE_CONFIG_PASSWORD is set; a name\n" +
      "like gateway:token:default is an account of the system's credential store.",
  ],
  args: { name: { help: "For example openai.apiKey or gateway:token:default", isRequired: true } },
  options: {},
  hidesWrongWords: true,
  examples: [
    { command: "cara secrets set openai.apiKey", says: "asks for the key" },
    { command: "cara secrets set gateway:token:default < token.txt", says: "into the credential store" },
  ],
} as const satisfies CommandDefinition;

export async function run({ args, world }: Run<typeof definition>): Promise<ExitCode> {
  const { name } = args;
  const secrets = await openNamed(name, world);
  if (!secrets.ok) return world.out.fail(secrets.say);
  const { kind, around } = secrets.value;
  if (kind === "identity" || kind === "database")
    return world.out.fail(`${name} is made by the program; it cannot be set`);
  const { askSecret, pipedSecret } = await import("../../prompt/secret-input.ts");
  const given = process.stdin.isTTY ? await askSecret(`${name}: `) : await pipedSecret();
  if (!given.ok) return given.say === undefined ? given.code : world.out.fail(given.say);
  world.out.hide([given.value]);
  const code =
    kind === "config"
      ? await setInConfig(name, given.value, world)
      : await setInStore(name, given.value, { store: around.store, world });
  if (code !== 0) return code;
  const { tellAudit } = await import("../audit/tell.ts");
  await tellAudit({ event: "secret_changed", data: { name, action: "set" } }, world);
  return 0;
}

async function setInConfig(key: string, value: string, world: CliWorld): Promise<ExitCode> {
  const { setConfigValue } = await import("@carapace/config/write");
  const context = { ...writeContext(world.env, "secrets set"), secretKey: key };
  const written = await setConfigValue(key, literal(value), context);
  if (!written.ok) return world.out.fail(writeRefusal(written));
  const { configSecret } = await import("@carapace/config/secret-places");
  const { form, variable, counts } = configSecret(written.value, key);
  world.out.result(`Set ${key} in ${written.value.path}${form === "sealed" ? ", sealed" : ""}`);
  if (form === "plain")
    world.out.note("It stands there as plain text: set CARAPACE_CONFIG_PASSWORD and run cara config seal.");
  noteGateway(key, world.out);
  if (counts === "environment") world.out.note(`Warning: ${variable} is set, and counts instead.`);
  await noteWarnings(written.value, world.out);
  return 0;
}

async function setInStore(
  account: string,
  value: string,
  { store, world }: { readonly store: CredentialStore; readonly world: CliWorld },
): Promise<ExitCode> {
  const { askStore } = await import("@carapace/secrets/credential-store");
  const stored = await askStore(() => store.set(account, value));
  if (!stored.ok) return world.out.fail(stored.say);
  world.out.result(`Set ${account} in the credential store (${store.kind})`);
  noteGateway(account, world.out);
  if (!store.isDurable) world.out.note(`Warning: it will be forgotten: ${store.why}.`);
  return 0;
}

/** A secret is meant as it is: what looks like a placeholder in it is none. */
function literal(value: string): string {
  return value.replaceAll("$" + "{", () => "$$" + "{");
}
