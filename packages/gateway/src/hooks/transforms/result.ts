import type { Json } from "@carapace/protocol";
import { z } from "zod";

const text = z
  .string()
  .nullish()
  .transform((value) => value ?? undefined);
const flag = z
  .boolean()
  .nullish()
  .transform((value) => value ?? undefined);

const Result = z.object({
  kind: z
    .enum(["wake", "agent"])
    .nullish()
    .transform((value) => value ?? undefined),
  ...{ text, mode: text, message: text, wakeMode: text, name: text, sessionKey: text },
  ...{ textTemplate: text, messageTemplate: text, channel: text, to: text },
  ...{ model: text, route: text, thinking: text },
  deliver: flag,
  allowUnsafeExternalContent: flag,
  timeoutSeconds: z
    .number()
    .nullish()
    .transform((value) => value ?? undefined),
});

/** What a transform says instead of its mapping; its texts are taken as they are, its templates filled in. */
export type TransformResult = Partial<z.output<typeof Result>>;

/** Reads a transform's result; further fields are ignored. @returns `null` to skip the call; undefined if it is neither */
export function readTransformResult(output: Json): TransformResult | null | undefined {
  return output === null ? null : Result.safeParse(output).data;
}
