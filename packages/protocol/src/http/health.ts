import { z } from "zod";
import { Num, Text } from "../scalars.ts";
import { schemas } from "./schemas.ts";

const Live = () => z.object({ status: z.literal("ok"), version: Text, uptimeSeconds: Num });

const FailingCheck = () => z.object({ name: Text, say: Text });

const Ready = () =>
  z.object({
    status: z.enum(["ready", "not_ready"]),
    version: Text,
    uptimeSeconds: Num,
    /** With `?verbose=1`, for those who may call the control API; empty if nothing fails. */
    failing: z.array(FailingCheck()).optional(),
  });

const ReadyQuery = () => z.object({ verbose: z.enum(["0", "1"]).optional() });

/** Bodies of the health routes (http.md §6). */
export const healthBodies = schemas({ live: Live, ready: Ready, readyQuery: ReadyQuery });
