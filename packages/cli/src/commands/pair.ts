import { setTimeout } from "node:timers/promises";
import type { GatewayConnection } from "@carapace/client";
import type { Result } from "@carapace/protocol/failures";
import type { CommandDefinition, ExitCode, Run } from "../command/definition.ts";
import { tlsOptions } from "../command/options.ts";
import type { ConnectionAsk } from "../link/connection.ts";
import { untilSignal } from "../until-signal.ts";
import type { CliWorld } from "../world.ts";

export const definition = {
  name: "pair",
  summary: "Let this machine's cara use a gateway on another machine",
  details: [
    "The gateway wants its token or password first: set CARAPACE_GATEWAY_TOKEN or CARAPACE_GATEWAY_PASSWORD. Then its\n" +
      "owner approves this device once, with a command that is shown here; on a terminal it is waited for.",
  ],
  args: { url: { help: "Where the gateway is: https://host or http://host:port", isRequired: true } },
  options: {
    trust: tlsOptions.trust,
    allowPlaintext: { kind: "flag", help: "Send credentials unencrypted to another machine (unsafe)" },
  },
  examples: [
    { command: "cara pair https://box.example.org", says: "then: cara logs --host box.example.org --tls" },
  ],
} as const satisfies CommandDefinition;

/** All that the commands ask for: one approval serves them. */
const scopes = ["operator.read", "operator.write", "operator.admin", "operator.pairing"];

/** cli.md §3.8, as far as there are nodes: docs/compatibility.md. */
export async function run({ options, args, world }: Run<typeof definition>): Promise<ExitCode> {
  const { out } = world;
  const [{ readGatewayUrl }, { readSettings }] = await Promise.all([
    import("../link/gateway-url.ts"),
    import("../link/settings.ts"),
  ]);
  const target = readGatewayUrl(args.url, options.trust);
  if (!target.ok) return out.fail(target.say);
  const settings = await readSettings(world);
  const { source } = await settings.credentials();
  if (source !== "configured" && !target.value.isLoopback)
    return out.fail(
      "the gateway's token or password is needed: set CARAPACE_GATEWAY_TOKEN or CARAPACE_GATEWAY_PASSWORD to it",
    );
  const { allowPlaintext } = options;
  const { isLoopback, isEncrypted, address } = target.value;
  // Said here in this command's words, which has no --tls.
  if (!isLoopback && !isEncrypted && !allowPlaintext)
    return out.fail(
      `${address} is another machine: write it as https://, or use --allow-plaintext to send credentials unencrypted`,
    );
  const ask = { target: target.value, scopes, settings, allowPlaintext, note: out.note };
  const connected = await pairedConnection(ask, world);
  if (connected === 130) return 130;
  if (!connected.ok) return out.fail(connected.say);
  await connected.value[Symbol.asyncDispose]();
  const [, host, port] = /^(.*):(\d+)$/.exec(address) ?? [];
  const flags = [isEncrypted && "--tls", options.trust && "--trust", allowPlaintext && "--allow-plaintext"];
  out.result(`This device is paired with the gateway at ${address}.`);
  out.note(["Use it with: cara logs --host", host, "--port", port, ...flags.filter(Boolean)].join(" "));
  return 0;
}

const retryMs = 2000;
/** The gateway forgets a request after an hour. */
const patienceMs = 3_600_000;

/** Connects; where the owner has to approve first and somebody sits here, waits for that. */
async function pairedConnection(
  ask: Omit<ConnectionAsk, "signal">,
  world: CliWorld,
): Promise<Result<GatewayConnection> | 130> {
  const { openConnection } = await import("../link/connection.ts");
  const first = await openConnection(ask);
  if (first.ok || first.code !== "not_paired" || !process.stdin.isTTY) return first;
  world.out.note(`${first.say}\nWaiting for that; Ctrl-C ends it.`);
  using stop = untilSignal();
  const untilMs = world.nowMs() + patienceMs;
  const quiet = { ...ask, note: () => {}, signal: stop.signal };
  let last: Result<GatewayConnection> = first;
  while (!last.ok && last.code === "not_paired" && world.nowMs() < untilMs) {
    await setTimeout(retryMs, undefined, { signal: stop.signal }).catch(() => {});
    if (!stop.signal.aborted) last = await openConnection(quiet);
    if (stop.signal.aborted && !last.ok) return 130;
  }
  return last;
}
