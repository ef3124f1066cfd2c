import type { Result } from "@carapace/protocol/failures";
import type { ExitCode } from "../command/definition.ts";
import type { CliWorld } from "../world.ts";
import type { ServiceManager } from "./managers/manager.ts";
import { usableManager } from "./own-service.ts";
import { waitForHealth } from "./wait-for-health.ts";

/** Starts or stops an installed service and waits for what comes of it. */
export async function changeState(wanted: "start" | "stop" | "restart", world: CliWorld): Promise<ExitCode> {
  const { out } = world;
  const manager = await usableManager(world);
  if (!manager.ok) return out.fail(manager.say);
  const status = await manager.value.status();
  if (!status.ok) return out.fail(status.say);
  if (!status.value.isInstalled)
    return out.fail("no service is installed; install it with: cara service install");
  const { isRunning } = status.value;
  if (isRunning && wanted === "start") return say(world, "The service runs already.");
  if (!isRunning && wanted === "stop") return say(world, "The service does not run.");
  const changed = await change(wanted, isRunning, manager.value);
  if (!changed.ok) return out.fail(changed.say);
  if (wanted === "stop") return say(world, "The service is stopped. It starts again with your next login.");
  if (await waitForHealth(world)) return say(world, "The gateway runs.");
  return out.fail("the service was started, but its gateway does not answer. Why: cara service logs");
}

async function change(
  wanted: "start" | "stop" | "restart",
  isRunning: boolean,
  manager: ServiceManager,
): Promise<Result<undefined>> {
  if (wanted === "stop") return await manager.stop();
  if (wanted === "restart" && isRunning) {
    const stopped = await manager.stop();
    if (!stopped.ok) return stopped;
  }
  return await manager.start();
}

function say({ out }: CliWorld, text: string): 0 {
  out.result(text);
  return 0;
}
