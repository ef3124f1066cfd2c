import { z } from "zod";
import { answer, defineTool } from "./define-tool.ts";

/** The clock in UTC under its older name (agent.md §9.2). */
export const time = defineTool({
  name: "time",
  description: "The current time in UTC. current_time also knows time zones.",
  effect: "read",
  params: z.strictObject({}),
  run(_params, context) {
    const nowMs = context.nowMs();
    const value = {
      timestamp: new Date(nowMs).toISOString(),
      timezone: "UTC",
      unix: Math.floor(nowMs / 1000),
    };
    return answer(value, { kind: "tool", ref: "time" });
  },
});
