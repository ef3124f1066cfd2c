import type { ConfigSnapshot } from "@carapace/config";
import type { Json } from "@carapace/protocol";
import { ok, type Result, refuse } from "@carapace/protocol/failures";
import type { CommandDefinition, ExitCode, Run } from "../../command/definition.ts";
import type { CliWorld } from "../../world.ts";
import { tellAudit } from "../audit/tell.ts";
import { noteWarnings, writeContext, writeRefusal } from "../config/writing.ts";
import { type AddOptions, readMapping } from "./read-mapping.ts";

export const definition = {
  name: "hooks add",
  summary: "Add a webhook to the configuration",
  details: [
    "Writes a mapping into gateway.hooks.mappings. With --auth github, stripe or hmac the secret is asked for, or read\n" +
      "from standard input with --secret-from-stdin; it is never typed behind the command, and is sealed where\n" +
      "CARAPACE_CONFIG_PASSWORD is set. Without --auth callers need the hooks token.",
  ],
  options: {
    preset: {
      kind: "choice",
      choices: ["gmail", "github", "stripe", "grafana", "alertmanager", "text", "json"],
      help: "A built-in mapping that gives what is not said here",
    },
    id: { kind: "text", value: "id", help: "Its name in logs (default: from the path)" },
    path: { kind: "text", value: "path", help: "Behind the hooks' base, for example ci" },
    source: { kind: "text", value: "text", help: "Only calls whose payload has this source" },
    action: {
      kind: "choice",
      choices: ["agent", "wake"],
      help: "A turn of its own, or an event (default: agent)",
    },
    instructions: { kind: "text", value: "text", help: "What you want done with what arrives" },
    messageTemplate: { kind: "text", value: "template", help: "What the assistant is told, with {{fields}}" },
    textTemplate: { kind: "text", value: "template", help: "The same with --action wake" },
    name: { kind: "text", value: "text", help: "What its conversations are called" },
    sessionKey: { kind: "text", value: "template", help: "Which conversation it goes to" },
    channel: { kind: "text", value: "channel", help: "Where the reply goes (default: last)" },
    to: { kind: "text", value: "template", help: "To whom it goes there" },
    silent: { kind: "flag", help: "Do not deliver the reply" },
    wakeMode: {
      kind: "choice",
      choices: ["now", "next-heartbeat"],
      help: "When an event is told (default: now)",
    },
    model: { kind: "text", value: "model", help: "provider:model instead of the agent's own" },
    transform: { kind: "text", value: "file", help: "A program in gateway.hooks.transformsDir" },
    auth: {
      kind: "choice",
      choices: ["token", "github", "stripe", "hmac"],
      help: "How callers prove themselves",
    },
    secretFromStdin: { kind: "flag", help: "Read the secret from the first line of standard input" },
    signatureHeader: { kind: "text", value: "name", help: "With hmac: the header with the signature" },
    prefix: { kind: "text", value: "text", help: "With hmac: what stands before the signature" },
    timestampHeader: { kind: "text", value: "name", help: "With hmac: the header with the time of signing" },
    signed: { kind: "text", value: "text", help: "With hmac: what is signed, such as v0:{timestamp}:{body}" },
    algorithm: { kind: "choice", choices: ["sha256", "sha1", "sha512"], help: "With hmac (default: sha256)" },
    encoding: { kind: "choice", choices: ["hex", "base64"], help: "With hmac (default: hex)" },
  },
  hidesWrongWords: true,
  examples: [
    { command: "cara hooks add --preset github --auth github", says: "asks for the secret you gave GitHub" },
    {
      command: "cara hooks add --path ci --message-template 'CI: {{state}}'",
      says: "callers show the hooks token",
    },
    {
      command: "cara hooks add --preset stripe --auth stripe --secret-from-stdin < whsec.txt",
      says: "in a script",
    },
  ],
} as const satisfies CommandDefinition;

/** docs/hooks.md. */
export async function run({ options, world }: Run<typeof definition>): Promise<ExitCode> {
  const mapping = readMapping(options);
  if (!mapping.ok) return world.out.fail(mapping.say);
  const secret = await secretFor(options);
  if (!secret.ok) return secret.say === "" ? 130 : world.out.fail(secret.say);
  if (secret.value !== undefined) world.out.hide([secret.value]);
  const written = await write(mapping.value, secret.value, world);
  if (!written.ok) return world.out.fail(writeRefusal(written));
  const { id, snapshot, secretKey } = written.value;
  const event = { key_path: "gateway.hooks.mappings", actor: "cli", method: "cara hooks add" };
  await tellAudit({ event: "config_changed", data: event }, world);
  world.out.result(`Added the webhook ${id}. Its address: cara hooks list. Try it: cara hooks test`);
  const { hooks } = snapshot.config.gateway;
  if (!hooks.enabled) world.out.note("Hooks are switched off: cara config set gateway.hooks.enabled true");
  if (secretKey !== undefined) {
    const { configSecret } = await import("@carapace/config/secret-places");
    if (configSecret(snapshot, secretKey).form === "plain")
      world.out.note(
        "Its secret stands there as plain text: set CARAPACE_CONFIG_PASSWORD and run cara config seal.",
      );
  }
  await noteWarnings(snapshot, world.out);
  return 0;
}

async function secretFor({ auth, secretFromStdin }: AddOptions): Promise<Result<string | undefined>> {
  if (auth === undefined || auth === "token")
    return secretFromStdin
      ? refuse("invalid_request", "--secret-from-stdin needs --auth github, stripe or hmac")
      : ok(undefined);
  if (!secretFromStdin && !process.stdin.isTTY)
    return refuse("invalid_request", `--auth ${auth} needs a secret: pipe it in with --secret-from-stdin`);
  const { askSecret, pipedSecret } = await import("../../prompt/secret-input.ts");
  const given = secretFromStdin ? await pipedSecret() : await askSecret("Secret of the sender: ");
  return given.ok ? ok(given.value) : refuse("invalid_request", given.say ?? "");
}

interface Written {
  readonly id: string;
  readonly snapshot: ConfigSnapshot;
  /** Where its secret stands, if it has one. */
  readonly secretKey?: string;
}

/** Two writes: what is protected may only be set alone, by its name. In between the hook hears nobody. */
async function write(
  mapping: Record<string, Json>,
  secret: string | undefined,
  world: CliWorld,
): Promise<Result<Written>> {
  const { loadConfig, lookupKey } = await import("@carapace/config");
  const { patchConfig, setConfigValue } = await import("@carapace/config/write");
  const before = await loadConfig({ env: world.env });
  if (!before.ok) return before;
  const known = lookupKey(before.value.parsed, "gateway.hooks.mappings") ?? [];
  if (!Array.isArray(known))
    return refuse(
      "invalid_request",
      "gateway.hooks.mappings is not a list in the file itself; edit it there",
    );
  const context = writeContext(world.env, "hooks add");
  const raw = JSON.stringify({ gateway: { hooks: { mappings: [...known, mapping] } } });
  const added = await patchConfig(raw, before.value.hash ?? undefined, context);
  if (!added.ok) return added;
  const { mappingsOf } = await import("@carapace/gateway/hooks");
  const id = mappingsOf(added.value.config.gateway.hooks)[known.length]?.id ?? "";
  if (secret === undefined) return ok({ id, snapshot: added.value });
  const secretKey = `gateway.hooks.mappings[${known.length}].auth.secret`;
  const sealed = await setConfigValue(secretKey, literal(secret), { ...context, secretKey });
  if (sealed.ok) return ok({ id, snapshot: sealed.value, secretKey });
  const say = `the webhook was added, but not its secret, so it hears nobody yet: ${sealed.say}. Set it: cara secrets set '${secretKey}'`;
  return { ...sealed, say };
}

/** A secret is meant as it is: what looks like a placeholder in it is none. */
function literal(value: string): string {
  return value.replaceAll("$" + "{", () => "$$" + "{");
}
