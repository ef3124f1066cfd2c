import { z } from "zod";
import { definedOnly } from "../defined-only.ts";
import type { RunOptions } from "./types.ts";

const Stored = z.object({
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
});

/** Reads the options of a run back from the journal; what an other version wrote there is ignored. */
export function readRunOptions(stored: { readonly [key: string]: unknown }): RunOptions {
  const options = Stored.parse(stored);
  return definedOnly(options);
}
