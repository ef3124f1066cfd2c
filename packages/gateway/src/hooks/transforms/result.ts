import type { Json } from "@carapace/protocol";
import { z } from "zod";

/** Absent; `null` says the same. */
const absent = <T extends z.ZodType>(type: T) => type.nullish().transform((value) => value ?? undefined);
const text = absent(z.string());
const flag = absent(z.boolean());

const Result = z.object({
  kind: absent(z.enum(["wake", "agent"])),
  ...{ text, mode: text, message: text, wakeMode: text, name: text, sessionKey: text },
  ...{ textTemplate: text, messageTemplate: text, channel: text, to: text },
  ...{ model: text, route: text, thinking: text },
  deliver: flag,
  allowUnsafeExternalContent: flag,
  timeoutSeconds: absent(z.number()),
});

/** What a transform says instead of its mapping; its texts are taken as they are, its templates filled in. */
export type TransformResult = Partial<z.output<typeof Result>>;

/** Reads a transform's result; further fields are ignored. @returns `null` to skip the call; undefined if it is neither */
export function readTransformResult(output: Json): TransformResult | null | undefined {
  return output === null ? null : Result.safeParse(output).data;
}
