import type { ReplyWishes } from "@carapace/agent";
import type { JsonSchemaFormat, ToolChoice } from "../schemas/tools.ts";
import type { Sampling } from "./types.ts";

/** The fields of both APIs under one set of names; what a client sends as `null` counts as absent. */
export interface Asked {
  readonly maxTokens?: number | null | undefined;
  readonly temperature?: number | null | undefined;
  readonly topP?: number | null | undefined;
  readonly frequencyPenalty?: number | null | undefined;
  readonly presencePenalty?: number | null | undefined;
  readonly seed?: number | null | undefined;
  readonly stop?: string | readonly string[] | null | undefined;
  readonly effort?: ReplyWishes["effort"] | null | undefined;
  readonly json?: JsonSchemaFormat | undefined;
  readonly toolChoice?: ToolChoice | null | undefined;
}

/** Pure. */
export function samplingOf({ maxTokens, temperature, ...asked }: Asked): Sampling {
  const { stop, json, ...rest } = asked;
  const reply: ReplyWishes = present({
    ...rest,
    stop: typeof stop === "string" ? [stop] : stop,
    json: json && present({ name: json.name, description: json.description, schema: json.schema }),
  });
  return {
    ...present({ maxTokens, temperature }),
    ...(Object.keys(reply).length === 0 ? {} : { reply }),
  };
}

type Present<T> = { [K in keyof T]?: NonNullable<T[K]> };

/** Without what is null or undefined. */
function present<T extends object>(fields: T): Present<T> {
  const kept = Object.entries(fields).filter(([, value]) => value !== null && value !== undefined);
  return Object.fromEntries(kept) as Present<T>;
}
