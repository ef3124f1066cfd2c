import { JsonValue } from "@carapace/protocol";
import { z } from "zod";
import { answer, defineTool } from "./define-tool.ts";

/** How the gateway does, in the words an assistant needs: how it is, since when, with which model. */
export const statusRead = defineTool({
  name: "status_read",
  description:
    "Tells how the assistant's own program does: whether all is well, version, uptime, model, conversations.",
  effect: "read",
  params: z.strictObject({}),
  async run(_params, context) {
    const status = JsonValue.parse(JSON.parse(JSON.stringify((await context.status()) ?? null)));
    return answer({ status }, { kind: "tool", ref: "status_read" });
  },
});
