import { gatewayHealth, httpGet } from "../link/http.ts";
import { resolveTarget } from "../link/resolve-target.ts";
import type { CliWorld } from "../world.ts";

const pollMs = 100;
const budgetMs = 15_000;

/** Whether a gateway answers at the configured port. */
export async function gatewayAnswers(world: CliWorld): Promise<boolean> {
  const resolved = await resolveTarget({ port: undefined, host: undefined, tls: false, trust: false }, world);
  if (!resolved.ok) return false;
  const answer = await httpGet({ target: resolved.value.target, path: "/health", timeoutMs: 2000 });
  return gatewayHealth(answer) !== undefined;
}

/** Waits until the gateway answers. @returns false if it did not within 15 s */
export async function waitForHealth(world: CliWorld): Promise<boolean> {
  const untilMs = world.nowMs() + budgetMs;
  for (;;) {
    if (await gatewayAnswers(world)) return true;
    if (world.nowMs() >= untilMs) return false;
    await Bun.sleep(pollMs);
  }
}
