import { defaultPort } from "@carapace/config/default-port";
import type { Gateway, StartOptions } from "@carapace/gateway";
import { version } from "@carapace/protocol/version";
import type { CommandDefinition, ExitCode, Run } from "../command/definition.ts";
import type { CliWorld } from "../world.ts";

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
      help: `Port to listen on (default: gateway.port, else ${defaultPort}); 0 takes a free one`,
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
  const unusable = await refuseBind(options.bind);
  if (unusable !== undefined) return world.out.fail(unusable);
  // Before any key is read.
  const { forbidCoreDumps } = await import("../crash/core-dumps.ts");
  await forbidCoreDumps(process.platform);
  const asked = stopSignals(world);
  const { startGateway } = await import("@carapace/gateway");
  const started = await startGateway({
    env: world.env,
    ...(options.port === undefined ? {} : { port: options.port }),
    ...(options.bind === undefined ? {} : { bind: options.bind }),
    log: await logTo(world),
  });
  if (!started.ok) return world.out.fail(started.say);
  const gateway = started.value;
  const stopped = asked.then((signal) => stop(gateway, signal, world));
  await tellManager(world, "READY=1");
  process.on("SIGHUP", () => void reload(gateway, world));
  await Promise.race([greet(gateway, world), stopped]);
  return await Promise.race([stopped, gateway.closed.then((): ExitCode => 0)]);
}

/** What is wrong with `--bind`. A name nobody can resolve would look like a port in use to the listener. */
async function refuseBind(text: string | undefined): Promise<string | undefined> {
  if (text === undefined) return undefined;
  const [{ parseBind }, { isIP }] = await Promise.all([import("@carapace/config"), import("node:net")]);
  const bind = parseBind(text);
  const advice = "use loopback, lan, tailnet, auto or an IP address";
  if (!bind.ok) return `--bind "${text}" is no address; ${advice}`;
  if (bind.value.kind !== "custom" || isIP(bind.value.host) !== 0) return undefined;
  const { lookup } = await import("node:dns/promises");
  const isKnown = await lookup(bind.value.host).then(
    () => true,
    () => false,
  );
  return isKnown ? undefined : `--bind "${text}": there is no such host; ${advice}`;
}

async function greet(gateway: Gateway, world: CliWorld): Promise<void> {
  const { loadConfig } = await import("@carapace/config");
  const loaded = await loadConfig({ env: world.env });
  const lines = [
    `cara ${version} listens at ${gateway.url}`,
    `State:  ${gateway.stateDir}`,
    ...(loaded.ok
      ? [`Config: ${loaded.value.path}${loaded.value.exists ? "" : " (not there: defaults)"}`]
      : []),
    "Talk to it with: cara chat. Stop it with Ctrl-C.",
  ];
  world.out.note(lines.join("\n"));
  // Which model it is may have to be asked of a server that takes its time.
  const model = await gateway.models.current();
  world.out.note(model.ok ? `Model:  ${model.value}` : `Warning: no model answers: ${model.say}`);
}

/** The first signal, which asks for a stop in order, also while the gateway starts; the second ends at once. */
function stopSignals(world: CliWorld): Promise<NodeJS.Signals> {
  const asked = Promise.withResolvers<NodeJS.Signals>();
  let isStopping = false;
  const hear = (signal: NodeJS.Signals): void => {
    if (isStopping) process.exit(130);
    isStopping = true;
    world.out.note("Stopping. Again to stop at once.");
    asked.resolve(signal);
  };
  process.on("SIGINT", () => hear("SIGINT"));
  process.on("SIGTERM", () => hear("SIGTERM"));
  return asked.promise;
}

async function tellManager(world: CliWorld, state: string): Promise<void> {
  const socket = world.env["NOTIFY_SOCKET"];
  if (socket === undefined) return;
  const { tellSystemd } = await import("../service/tell-systemd.ts");
  await tellSystemd(socket, state);
}

/** @returns the exit code once it has stopped */
async function stop(gateway: Gateway, signal: NodeJS.Signals, world: CliWorld): Promise<ExitCode> {
  await tellManager(world, "STOPPING=1");
  const late = Bun.sleep(stopBudgetMs).then(
    (): ExitCode => world.out.fail("the gateway did not stop within 30 s"),
  );
  return await Promise.race([gateway.close(signal).then((): ExitCode => 0), late]);
}

async function reload(gateway: Gateway, world: CliWorld): Promise<void> {
  const reloaded = await gateway.reload();
  if (!reloaded.ok) {
    world.out.note(`The configuration was not reloaded, the old one goes on: ${reloaded.say}`);
    return;
  }
  const waiting = reloaded.value.needsRestart;
  const rest = waiting.length === 0 ? "" : ` Waiting for a restart: ${waiting.join(", ")}.`;
  world.out.note(`The configuration was reloaded.${rest}`);
}

/** The log on stdout (cli.md §1). */
async function logTo(world: CliWorld): Promise<NonNullable<StartOptions["log"]>> {
  const [{ formatJson, formatLine, formatPretty, parseLogLevel }, { isatty }, { chooseForm }] =
    await Promise.all([import("@carapace/gateway"), import("node:tty"), import("../logs/look.ts")]);
  const dev = world.env["CARAPACE_DEV"] ?? "";
  const isDevelopment = dev !== "" && dev !== "0" && dev !== "false";
  const reader = { isTerminal: isatty(1), hasColours: !world.env["NO_COLOR"], isDevelopment };
  const forms = { json: formatJson, line: formatLine, pretty: formatPretty };
  const wanted = world.env["CARAPACE_LOG"] ?? world.env["RUST_LOG"];
  const level = parseLogLevel(wanted) ?? (isDevelopment ? "debug" : undefined);
  // RUST_LOG may well be meant for other programs.
  const own = world.env["CARAPACE_LOG"] ?? "";
  if (own.trim() !== "" && parseLogLevel(own) === undefined)
    world.out.note("Warning: CARAPACE_LOG is not used: it must be trace, debug, info, warn or error");
  return {
    ...(level === undefined ? {} : { level }),
    write: (entry, look) => world.out.piece(`${chooseForm(forms, reader, look)(entry)}\n`),
  };
}
