import type { GatewayVariables } from "@carapace/config";
import type { CommandDefinition, ExitCode, Run } from "../../command/definition.ts";
import { yesOption } from "../../command/options.ts";
import type { CliWorld } from "../../world.ts";

export const definition = {
  name: "service install",
  summary: "Have the gateway run in the background, and start by itself",
  details: [
    "It becomes a service of yours: of systemd's user manager on Linux, of launchd on macOS, of the Task Scheduler on\n" +
      "Windows. No administrator is needed. Running it again renews the service.",
    "A service does not see the variables of this shell. With --keep-env those the gateway reads (keys, tokens, the\n" +
      "password of the configuration) are kept for it in a file that only you can read.",
  ],
  options: {
    keepEnv: { kind: "flag", help: "Keep the gateway's variables of this shell for the service" },
    print: { kind: "flag", help: "Print the service's file and change nothing" },
    yes: yesOption,
  },
  examples: [
    { command: "cara service install", says: "install and start it" },
    { command: "cara service install --print", says: "for a service manager of your own" },
  ],
} as const satisfies CommandDefinition;

/** docs/run-the-gateway.md. */
export async function run({ options, world }: Run<typeof definition>): Promise<ExitCode> {
  const { ownManager, ownPlan, usableManager } = await import("../../service/own-service.ts");
  const { out } = world;
  // In the file of a service it cannot be quoted.
  if (/[\r\n]/.test(ownPlan(world, false).stateDir))
    return out.fail("the path of the state directory has a line break: use another folder");
  if (options.print) {
    const manager = ownManager(world);
    if (!manager.ok) return out.fail(manager.say);
    out.result(
      manager.value.render(ownPlan(world, options.keepEnv && manager.value.keepsVariables)).trimEnd(),
    );
    return 0;
  }
  const manager = await usableManager(world);
  if (!manager.ok) return out.fail(manager.say);
  const kept = await variablesToKeep(options, manager.value.keepsVariables, world);
  if (kept === undefined) return 1;
  const before = await manager.value.status();
  if (!before.ok) return out.fail(before.say);
  const { gatewayAnswers, waitForHealth } = await import("../../service/wait-for-health.ts");
  if (!before.value.isRunning && (await gatewayAnswers(world)))
    return out.fail(
      "a gateway runs already, started by hand: stop it (Ctrl-C where it runs), then try again",
    );
  const secrets = Object.fromEntries(kept.map((name) => [name, world.env[name] ?? ""]));
  const plan = ownPlan(world, kept.length > 0);
  const installed = await manager.value.install({ plan, secrets });
  if (!installed.ok) return out.fail(`${installed.say} Why it does not start: cara service logs`);
  for (const line of installed.value) out.note(line);
  if (await waitForHealth(world)) {
    out.result(`The gateway runs as a ${manager.value.label}: ${manager.value.unitPath}`);
    return 0;
  }
  return out.fail("the service is installed, but its gateway does not answer. Why: cara service logs");
}

/** @returns the names of the variables to keep; undefined if it must not go on, which was said */
async function variablesToKeep(
  { keepEnv, yes }: Run<typeof definition>["options"],
  canKeep: boolean,
  world: CliWorld,
): Promise<readonly string[] | undefined> {
  const { describeIssue, errorsOf, gatewayVariables, loadConfig } = await import("@carapace/config");
  const loaded = await loadConfig({ env: world.env });
  const [wrong] = loaded.ok
    ? errorsOf(loaded.value.issues).map((issue) => describeIssue(issue))
    : [loaded.say];
  if (!loaded.ok || wrong !== undefined) {
    world.out.fail(`the service would not start: ${wrong}`);
    return undefined;
  }
  const found = gatewayVariables(loaded.value, world.env);
  const all = [...found.needed, ...found.read];
  if (all.length === 0) return [];
  if (keepEnv && canKeep) return all;
  return await withoutKeeping(found, { canKeep, yes }, world);
}

async function withoutKeeping(
  { needed, read }: GatewayVariables,
  { canKeep, yes }: { readonly canKeep: boolean; readonly yes: boolean },
  world: CliWorld,
): Promise<readonly string[] | undefined> {
  const { out } = world;
  const all = [...needed, ...read];
  out.note(`Set in this shell, which a service does not see: ${all.join(", ")}`);
  if (canKeep && !yes && process.stdin.isTTY) {
    const { confirm } = await import("../../prompt/confirm.ts");
    const answer = await confirm("Keep them for the service, in a file that only you can read?");
    if (answer === "yes") return all;
  }
  if (needed.length === 0) return [];
  const how = canKeep
    ? "install it with --keep-env, or store them with cara secrets set"
    : "set them for your account (setx), or store them with cara secrets set";
  out.fail(`the configuration does not load without ${needed.join(", ")}: ${how}`);
  return undefined;
}
