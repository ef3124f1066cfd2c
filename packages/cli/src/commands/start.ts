import { version } from "@carapace/protocol/version";
import type { CommandDefinition, ExitCode, Run } from "../command/definition.ts";

export const definition = {
  name: "start",
  summary: "Run the gateway in the foreground (what cara does without a command)",
  details: [
    "SIGINT and SIGTERM stop it in order, within 30 s; a second one at once. SIGHUP reads the configuration again.\n" +
      "Its log goes to stdout.",
  ],
  options: {
    port: {
      kind: "whole",
      short: "p",
      value: "port",
      min: 0,
      max: 65535,
      help: "Port to listen on (default: gateway.port, else 18789); 0 takes a free one",
    },
    bind: {
      kind: "text",
      value: "address",
      help: "loopback, lan, auto, tailnet or an IP address (default: gateway.bind)",
    },
  },
  examples: [
    { command: "cara", says: "on this machine only" },
    { command: "cara start -p 18790", says: "on another port" },
  ],
} as const satisfies CommandDefinition;

const stopBudgetMs = 30_000;

/** cli.md §3.1. Ends when the gateway has stopped. */
export async function run({ options, world }: Run<typeof definition>): Promise<ExitCode> {
  const { startGateway } = await import("@carapace/gateway");
  const started = await startGateway({
    env: world.env,
    ...(options.port === undefined ? {} : { port: options.port }),
    ...(options.bind === undefined ? {} : { bind: options.bind }),
  });
  if (!started.ok) return world.out.fail(started.say);
  const gateway = started.value;
  world.out.note(`cara ${version} listens at ${gateway.url}`);
  const stopping = Promise.withResolvers<ExitCode>();
  const stop = (signal: NodeJS.Signals): void => {
    process.on(signal, () => process.exit(130));
    world.out.note("Stopping. Once more to stop at once.");
    const late = Bun.sleep(stopBudgetMs).then(
      (): ExitCode => world.out.fail("the gateway did not stop within 30 s"),
    );
    stopping.resolve(Promise.race([gateway.close(signal).then((): ExitCode => 0), late]));
  };
  process.once("SIGINT", () => stop("SIGINT"));
  process.once("SIGTERM", () => stop("SIGTERM"));
  return await Promise.race([stopping.promise, gateway.closed.then((): ExitCode => 0)]);
}
