import { once } from "@carapace/protocol";
import { z } from "zod";

/** What both APIs say of how a reply is made. */
export const sampling = once(() => ({
  temperature: z.number().min(0).max(2).nullish(),
  top_p: z.number().min(0).max(1).nullish(),
  user: z.string().max(512).nullish(),
  stream: z.boolean().nullish(),
}));

/** How long a model may think first. */
export const effort = once(() => z.enum(["none", "minimal", "low", "medium", "high", "xhigh"]));
