import { ok } from "@carapace/protocol";
import { definedOnly } from "../defined-only.ts";
import type { Services } from "../methods/services.ts";
import type { MethodHandlers } from "../types.ts";

/** Trying a mapping, and what became of calls (docs/hooks.md). */
export function hookHandlers({
  hooks,
  state,
}: Pick<Services, "hooks" | "state">): Pick<MethodHandlers, "hooks.test" | "hooks.log"> {
  return {
    "hooks.test": async ({ params }) => ok(await hooks.dryRun(params)),
    async "hooks.log"({ params }) {
      const calls = await state.hookDeliveries.list(params.limit);
      return ok({
        calls: calls.map(({ path, mapping, receivedAtMs, status, outcome, reason, runId, bytes }) => ({
          ...{ path, receivedAtMs, status, outcome, bytes },
          ...definedOnly({ mapping, reason, runId }),
        })),
      });
    },
  };
}
