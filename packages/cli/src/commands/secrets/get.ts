import type { CommandDefinition, ExitCode, Run } from "../../command/definition.ts";
import { jsonOption } from "../../command/options.ts";
import type { CliWorld } from "../../world.ts";
import { type NameKind, nameKind, noSuchName, openSecrets, type Secrets } from "./known.ts";
import { gatewayAccounts } from "./places.ts";

export const definition = {
  name: "secrets get",
  summary: "Tell whether a secret is set; print it only if asked to",
  details: ["The device key and the database key are never printed: cara backup keeps them."],
  args: { name: { help: "For example openai.apiKey or gateway.auth.token", isRequired: true } },
  options: {
    reveal: { kind: "flag", help: "Print the secret itself to standard output" },
    json: jsonOption,
  },
  hidesWrongWords: true,
  examples: [
    { command: "cara secrets get openai.apiKey", says: "[REDACTED] if it is set" },
    { command: "cara secrets get gateway.auth.token --reveal | wl-copy", says: "to set up another client" },
  ],
} as const satisfies CommandDefinition;

/** Exit code 1 if it is not set. */
export async function run({ args, options, world }: Run<typeof definition>): Promise<ExitCode> {
  const { name } = args;
  const secrets = await openSecrets(world);
  if (!secrets.ok) return world.out.fail(secrets.say);
  const kind = await nameKind(name, secrets.value.around);
  if (kind === undefined) return world.out.fail(noSuchName);
  if (kind === "identity" || kind === "database")
    return world.out.fail(`${name} is never shown; cara secrets where ${name} says where it is`);
  const value = await wantedValue(kind, name, secrets.value);
  if ("trouble" in value) return world.out.fail(value.trouble);
  if (value.text === undefined) return world.out.fail(`${name} is not set`);
  if (options.reveal) await tellRevealed(name, world);
  const shown = options.reveal ? value.text : "[REDACTED]";
  if (options.json) world.out.json({ name, value: shown });
  else world.out.result(shown);
  return 0;
}

/** Who owns the files could read them without leaving a trace: that it is not recorded is said, not refused. */
async function tellRevealed(name: string, world: CliWorld): Promise<void> {
  const { tellAudit } = await import("../audit/tell.ts");
  const told = await tellAudit({ event: "secret_revealed", data: { name } }, world);
  if (!told.ok) world.out.note(`Warning: the audit log does not have it: ${told.say}`);
}

/** The value that counts, wherever it is. */
async function wantedValue(
  kind: Extract<NameKind, "config" | "account">,
  name: string,
  { snapshot, around }: Secrets,
): Promise<{ text: string | undefined } | { trouble: string }> {
  const { configSecret, configSecretValue } = await import("@carapace/config/secret-places");
  const said = kind === "config" ? configSecretValue(snapshot, configSecret(snapshot, name)) : undefined;
  const account = kind === "account" ? name : gatewayAccounts[name];
  if (said !== undefined || account === undefined) return { text: said };
  try {
    const stored = await around.store.get(account);
    return {
      text: stored ?? (name === "gateway.auth.token" ? await localToken(around.stateDir) : undefined),
    };
  } catch (error) {
    return { trouble: error instanceof Error ? error.message : "the credential store failed" };
  }
}

async function localToken(stateDir: string): Promise<string | undefined> {
  const { readLocalToken } = await import("@carapace/config/local-token");
  const token = readLocalToken(stateDir);
  return token.ok ? token.value : undefined;
}
