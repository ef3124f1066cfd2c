import { z } from "zod";
import type { RouteDoc } from "../http/route.ts";

const tag = "Hooks";
const answers: RouteDoc["answers"] = {
  400: { say: "The body is not JSON, or something in it is wrong" },
  401: { say: "The hooks token or the signature is missing or wrong" },
  413: { say: "The body is larger than gateway.hooks.maxBodyBytes" },
  422: { say: "The Idempotency-Key was used for another request" },
  503: { say: "The turn cannot be taken in now" },
};
const started = { say: "The turn is accepted, and durable" };

// Schemas are made when the document is asked for: a start needs none of them.
const text = () => z.string().optional();
const query = () => z.object({ wait: text() });
const modes = () => z.enum(["now", "next-heartbeat"]).optional();

export const wakeDoc: RouteDoc = {
  tag,
  summary: "Tell the assistant of something",
  get body() {
    return z.object({ text: z.string(), mode: modes() });
  },
  answers: { ...answers, 200: { say: "It is told, or will be" } },
};

export const agentDoc: RouteDoc = {
  tag,
  summary: "Let the assistant take a turn",
  get query() {
    return query();
  },
  get body() {
    return z.object({
      message: z.string(),
      ...{ name: text(), channel: text(), to: text(), model: text(), route: text() },
      ...{ thinking: text(), sessionKey: text(), wakeMode: modes() },
      deliver: z.boolean().optional(),
      timeoutSeconds: z.number().optional(),
      allowUnsafeExternalContent: z.boolean().optional(),
      veniceParameters: z.record(z.string(), z.unknown()).optional(),
    });
  },
  answers: { ...answers, 200: { say: "With wait=1: how the turn ended, and the reply" }, 202: started },
};

export const mappedDoc: RouteDoc = {
  tag,
  summary: "Whatever the mapping of this path makes of the call",
  get query() {
    return query();
  },
  answers: {
    ...answers,
    200: { say: "A mapping told the assistant of it" },
    202: started,
    204: { say: "A transform skipped the call" },
    404: { say: "No mapping takes this call", type: "text/plain" },
    500: { say: "A transform failed" },
  },
};
