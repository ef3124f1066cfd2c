import type { AgentModel } from "../types.ts";

/** A model as people write it, `provider:model`: for records, events and labels. */
export function modelString({ provider, model }: AgentModel): string {
  return `${provider}:${model}`;
}
