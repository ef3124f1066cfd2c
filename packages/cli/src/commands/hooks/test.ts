import type { MethodResult } from "@carapace/protocol";
import type { Result } from "@carapace/protocol/failures";
import type { CommandDefinition, ExitCode, Run } from "../../command/definition.ts";
import { jsonOption, remoteOptions } from "../../command/options.ts";
import { readText } from "../../input/read-text.ts";
import { openGateway, timeoutMs } from "../../link/open-gateway.ts";
import { cleanLine } from "../../output/clean.ts";
import type { CliWorld } from "../../world.ts";
import { maxBytes, readHeaders } from "./read-call.ts";

export const definition = {
  name: "hooks test",
  summary: "Say what a call of a webhook would come to, without starting anything",
  details: [
    "Shows which mapping takes the call, whether its signature is right and what the assistant would be told. Its\n" +
      "transform is run; no turn is started. The gateway that runs is asked; with --local the configuration file is.",
  ],
  args: { path: { help: "Behind the hooks' base, for example github", isRequired: true } },
  options: {
    payload: { kind: "text", value: "json|@file|-", help: "The body that would be sent (default: {})" },
    header: {
      kind: "text",
      short: "H",
      value: "name=value",
      help: "A header that would be sent; several on lines of their own, or @FILE with such lines",
    },
    query: { kind: "text", value: "text", help: "What would stand behind the ? of the address" },
    local: { kind: "flag", help: "With the configuration file, without a gateway" },
    json: jsonOption,
    ...remoteOptions,
  },
  examples: [
    { command: "cara hooks test github --payload @push.json -H x-github-event=push", says: "try a mapping" },
    {
      command: 'cara hooks test ci --payload \'{"state":"failed"}\' --local',
      says: "before the gateway runs",
    },
  ],
} as const satisfies CommandDefinition;

type Told = MethodResult<"hooks.test">;

/** docs/hooks.md. Exit code 1 where the call would be refused or fail. */
export async function run({ args, options, world }: Run<typeof definition>): Promise<ExitCode> {
  const payload = await readText(options.payload ?? "", { option: "--payload", maxBytes });
  if (!payload.ok) return world.out.fail(payload.say);
  const headers = await readHeaders(options.header);
  if (!headers.ok) return world.out.fail(headers.say);
  const ask = {
    path: args.path,
    payload: payload.value,
    headers: headers.value,
    ...(options.query === undefined ? {} : { query: options.query }),
  };
  const told = options.local ? await locally(ask, world) : await remotely(ask, options, world);
  if (!told.ok) return world.out.fail(told.say);
  if (options.json) world.out.json(told.value);
  else world.out.result(describe(told.value));
  return told.value.status < 400 ? 0 : 1;
}

interface Ask {
  readonly path: string;
  readonly payload: string;
  readonly headers: Record<string, string>;
  readonly query?: string;
}

async function locally(ask: Ask, world: CliWorld): Promise<Result<Told>> {
  const { loadConfig } = await import("@carapace/config");
  const loaded = await loadConfig({ env: world.env });
  if (!loaded.ok) return loaded;
  const { dryRunLocally } = await import("@carapace/gateway/hooks");
  return { ok: true, value: await dryRunLocally(ask, loaded.value, world.nowMs) };
}

async function remotely(
  ask: Ask,
  options: Run<typeof definition>["options"],
  world: CliWorld,
): Promise<Result<Told>> {
  const opened = await openGateway(options, "operator.admin", world);
  if (!opened.ok) return opened;
  await using connection = opened.value;
  return await connection.request("hooks.test", ask, { timeoutMs });
}

function describe(told: Told): string {
  const { mapping, auth, proven, outcome, status, reason, text, trusted, fields = {}, served } = told;
  const rows: readonly (readonly [string, string | undefined])[] = [
    ["Mapping", mapping ?? "none"],
    ["Proof", auth === undefined ? undefined : `${auth}${proofOf(auth, proven)}`],
    ["Outcome", `${outcome} (${status})`],
    ["Reason", reason],
    ["Hooks", served ? undefined : "switched off: cara config set gateway.hooks.enabled true"],
    ...Object.entries(fields).map(([name, value]) => [name, String(value)] as const),
    ["Text is", text === undefined ? undefined : trusted ? "taken for the owner's" : "untrusted"],
  ];
  const shown = rows.flatMap(([name, value]) =>
    value === undefined ? [] : [`${name.padEnd(14)} ${cleanLine(value)}`],
  );
  return [...shown, ...(text === undefined ? [] : ["", text])].join("\n");
}

function proofOf(auth: string, proven: boolean | undefined): string {
  if (auth === "token") return ": the call must carry the hooks token";
  return proven ? ": the signature is right" : ": the signature is wrong";
}
