import { defaultPort } from "@carapace/config/default-port";
import type { CommandDefinition, ExitCode, Run } from "../command/definition.ts";
import { jsonOption, remoteOptions } from "../command/options.ts";
import { verifyOutcomes } from "../verify/types.ts";

export const definition = {
  name: "verify",
  summary: "Prove that what you set up works, and say what to do where it does not",
  details: [
    "Looks at one outcome, check by check: a message to the assistant and its reply, a webhook that is really called, a\n" +
      "task that is really done, a bot that really sends. Uses the gateway that runs, or starts one inside its own process.\n" +
      "auto takes the outcome that the configuration is made for. Exit code 0 if nothing failed and something was proven.",
  ],
  options: {
    outcome: { kind: "choice", choices: verifyOutcomes, help: "What to prove (default: auto)" },
    discordTo: { kind: "text", value: "id", help: "Channel that gets a real message over Discord" },
    telegramTo: { kind: "text", value: "id", help: "Chat that gets a real message over Telegram" },
    matrixTo: { kind: "text", value: "id", help: "Room that gets a real message over Matrix" },
    json: jsonOption,
    ...remoteOptions,
    port: {
      kind: "whole",
      short: "p",
      value: "port",
      min: 0,
      max: 65535,
      help: `Port of the gateway (default: gateway.port, else ${defaultPort}); 0 starts one here on a free port`,
    },
  },
  examples: [
    { command: "cara verify", says: "what the configuration is made for" },
    { command: "cara verify --outcome local-chat", says: "one message, one reply" },
    { command: "cara verify --outcome telegram --telegram-to 4711", says: "send a real message" },
    { command: "cara verify --outcome autonomy --json", says: "for a script" },
  ],
} as const satisfies CommandDefinition;

/** cli.md §3.12. */
export async function run({ options, world }: Run<typeof definition>): Promise<ExitCode> {
  const [{ runVerify }, { untilSignal }] = await Promise.all([
    import("../verify/run-verify.ts"),
    import("../until-signal.ts"),
  ]);
  const { host, tls, trust, allowPlaintext, port, outcome } = options;
  const isHere = host === undefined && !tls;
  using stop = untilSignal();
  world.out.whenBroken(stop.now);
  const report = await runVerify({
    world,
    to: destinationsOf(options),
    print: options.json ? "json" : "text",
    signal: stop.signal,
    ...(outcome === undefined ? {} : { outcome }),
    ...(port === undefined ? {} : { port }),
    ...(isHere ? {} : { remote: { host, tls, trust, allowPlaintext } }),
  });
  if (report.wasStopped) return 130;
  return report.ok ? 0 : 1;
}

type Options = Run<typeof definition>["options"];

function destinationsOf({ discordTo, telegramTo, matrixTo }: Options) {
  const given = { discord: discordTo?.trim(), telegram: telegramTo?.trim(), matrix: matrixTo?.trim() };
  return Object.fromEntries(Object.entries(given).filter(([, to]) => to !== undefined && to !== ""));
}
