import { JsonValue } from "@carapace/protocol";
import { z } from "zod";
import { answer, defineTool } from "./define-tool.ts";

/** How the gateway does: what `cara status` shows. */
export const statusRead = defineTool({
  name: "status_read",
  description: "Tells how the assistant's own program does: version, uptime, model, conversations, channels.",
  effect: "read",
  params: z.strictObject({}),
  async run(_params, context) {
    const status = JsonValue.parse(JSON.parse(JSON.stringify((await context.status()) ?? null)));
    return answer({ status }, { kind: "tool", ref: "status_read" });
  },
});
