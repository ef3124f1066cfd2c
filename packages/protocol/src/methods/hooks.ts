import { z } from "zod";
import { Bool, Num, Text } from "../scalars.ts";
import { clamped, methods, required } from "./contract.ts";

const HooksTestParams = () =>
  z.object({
    /** Behind the hooks' base: `github`. */
    path: required("path").max(2048),
    /** The body, as it would be sent. */
    payload: z.string().max(1_048_576).catch("").default(""),
    /** Its headers, by name. */
    headers: z.record(z.string(), z.string()).catch({}).default({}),
    /** Behind the `?`. */
    query: z.string().max(8192).catch("").default(""),
  });

/** What a call would come to; nothing is started and nothing remembered. */
const HooksTestResult = () =>
  z.object({
    /** Hooks are switched on. */
    served: Bool,
    /** The status it would be answered with. */
    status: Num,
    /** What would be done. */
    outcome: z.enum(["agent", "wake", "skipped", "refused", "failed", "unmatched"]),
    mapping: Text.optional(),
    /** How its sender proves itself. */
    auth: Text.optional(),
    /** Whether the headers prove it. */
    proven: Bool.optional(),
    /** Why not, or what is wrong. */
    reason: Text.optional(),
    /** The text the assistant would get. */
    text: Text.optional(),
    /** It would count as the owner's own words. */
    trusted: Bool.optional(),
    /** The other fields of what would be done: name, sessionKey, channel, to, model, mode. */
    fields: z.record(z.string(), z.union([z.string(), z.number(), z.boolean()])).optional(),
  });

const HooksLogParams = () => z.object({ limit: clamped(50, 1, 1000) });

const HookCallView = () =>
  z.object({
    path: Text,
    mapping: Text.optional(),
    receivedAtMs: Num,
    status: Num,
    outcome: z.enum(["accepted", "repeated", "skipped", "refused", "failed"]),
    reason: Text.optional(),
    runId: Text.optional(),
    bytes: Num,
  });

/** Webhooks: trying a mapping, and what became of calls (http.md §8.4 *Better*). */
export const hookMethods = methods({
  "hooks.test": {
    access: "admin",
    summary: "Say what a call of a webhook would come to, without starting anything",
    params: HooksTestParams,
    result: HooksTestResult,
  },
  "hooks.log": {
    access: "read",
    summary: "List the newest calls of webhooks, without what was in them",
    params: HooksLogParams,
    result: () => z.object({ calls: z.array(HookCallView()) }),
  },
});
