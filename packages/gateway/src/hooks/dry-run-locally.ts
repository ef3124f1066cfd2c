import type { ConfigSnapshot } from "@carapace/config";
import type { MethodInput, MethodResult } from "@carapace/protocol";

/** What a call of a mapping would come to with this configuration, without a gateway (`cara hooks test --local`). */
export async function dryRunLocally(
  ask: MethodInput<"hooks.test">,
  snapshot: ConfigSnapshot,
  nowMs: () => number,
): Promise<MethodResult<"hooks.test">> {
  const { dryRun } = await import("./dry-run.ts");
  const config = { current: () => snapshot };
  const transforms = async () => (await import("./transforms/runner.ts")).createTransforms({ config });
  // Which channels are set up only a gateway knows.
  return await dryRun(
    { path: ask.path, payload: ask.payload ?? "", headers: ask.headers ?? {}, query: ask.query ?? "" },
    { config, nowMs, channels: () => new Set(), transforms },
  );
}
