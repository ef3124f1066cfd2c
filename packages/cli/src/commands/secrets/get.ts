import { ok, type Result, refuse } from "@carapace/protocol/failures";
import { askStore } from "@carapace/secrets/credential-store";
import type { CommandDefinition, ExitCode, Run } from "../../command/definition.ts";
import { jsonOption } from "../../command/options.ts";
import { prettyJson } from "../../output/json.ts";
import { type NameKind, openNamed, type Secrets } from "./known.ts";
import { accountsAfterConfig } from "./places.ts";

export const definition = {
  name: "secrets get",
  summary: "Tell whether a secret is set; print it only if asked to",
  details: ["The device key and the database key are never printed: cara backup --full keeps them."],
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
  const secrets = await openNamed(name, world);
  if (!secrets.ok) return world.out.fail(secrets.say);
  const { kind } = secrets.value;
  if (kind === "identity" || kind === "database")
    return world.out.fail(`${name} is never shown; cara secrets where ${name} says where it is`);
  const value = await countingValue(kind, name, secrets.value);
  if (!value.ok) return world.out.fail(value.say);
  if (options.reveal) {
    const { tellAudit } = await import("../audit/tell.ts");
    await tellAudit({ event: "secret_revealed", data: { name } }, world);
  }
  const shown = options.reveal ? value.value : "[REDACTED]";
  const text = options.json ? prettyJson({ name, value: shown }) : shown;
  // A program gets it to the letter; a terminal is not steered by it.
  if (process.stdout.isTTY) world.out.result(text);
  else world.out.piece(`${text}\n`);
  return 0;
}

/** The value that counts, wherever it is; refused if there is none, or a place where it may be cannot be read. */
async function countingValue(
  kind: Extract<NameKind, "config" | "account">,
  name: string,
  { snapshot, around }: Secrets,
): Promise<Result<string>> {
  const { configSecret, configSecretValue } = await import("@carapace/config/secret-places");
  const secret = kind === "config" ? configSecret(snapshot, name) : undefined;
  const said = secret && configSecretValue(snapshot, secret);
  if (said !== undefined) return ok(said);
  const account = kind === "account" ? name : accountsAfterConfig[name];
  if (account !== undefined) {
    const stored = await askStore(() => around.store.get(account));
    if (!stored.ok) return stored;
    if (stored.value !== undefined) return ok(stored.value);
  }
  if (name === "gateway.auth.token") {
    const { readLocalToken } = await import("@carapace/config/local-token");
    const local = readLocalToken(around.stateDir);
    if (!local.ok) return local;
    if (local.value !== undefined) return ok(local.value);
  }
  if (secret?.form !== "locked") return refuse("not_found", `${name} is not set`);
  const say = `${name} is sealed and does not open: set CARAPACE_CONFIG_PASSWORD to the password it was sealed with`;
  return refuse("unauthorized", say);
}
