import { JsonValue, once } from "@carapace/protocol";
import { z } from "zod";
import { definedOnly } from "../defined-only.ts";
import type { RunOptions } from "./types.ts";

const delivery = () =>
  z.object({
    channel: z.string(),
    to: z.string(),
    maxAttempts: z.int().positive(),
    idempotencyKey: z.string(),
    source: z.object({ kind: z.string(), id: z.string().exactOptional() }),
    isStrangersChoice: z.literal(true).exactOptional(),
  });

const reply = () =>
  z.object({
    topP: z.number().exactOptional(),
    frequencyPenalty: z.number().exactOptional(),
    presencePenalty: z.number().exactOptional(),
    seed: z.int().exactOptional(),
    stop: z.array(z.string()).exactOptional(),
    effort: z.enum(["none", "minimal", "low", "medium", "high", "xhigh"]).exactOptional(),
    json: z
      .object({
        name: z.string().exactOptional(),
        description: z.string().exactOptional(),
        schema: z.record(z.string(), JsonValue).exactOptional(),
      })
      .exactOptional(),
  });

const sampling = () =>
  z.object({
    maxTokens: z.int().positive().exactOptional(),
    temperature: z.number().exactOptional(),
    reply: reply().exactOptional(),
  });

/** Made with the first run. */
const stored = once(() =>
  z.object({
    purpose: z.enum(["turn", "note", "refused"]).catch("turn"),
    say: z.string().optional().catch(undefined),
    stream: z.boolean().catch(true),
    announce: z.boolean().catch(false),
    agentId: z.string().optional().catch(undefined),
    model: z.string().optional().catch(undefined),
    route: z.string().optional().catch(undefined),
    system: z.string().optional().catch(undefined),
    deliver: z.boolean().optional().catch(undefined),
    alone: z.boolean().optional().catch(undefined),
    extra: z.unknown().optional(),
    sampling: sampling().optional().catch(undefined),
    maxTurns: z.int().positive().optional().catch(undefined),
    timeoutSeconds: z.number().positive().optional().catch(undefined),
    delivery: delivery().optional().catch(undefined),
  }),
);

/** Reads the options of a run back from the journal; what an other version wrote there is ignored. */
export function readRunOptions(kept: { readonly [key: string]: unknown }): RunOptions {
  const options = stored().parse(kept);
  return definedOnly(options);
}
