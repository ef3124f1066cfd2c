import type { TokenUsage } from "@carapace/protocol";
import type { ApiError } from "../errors.ts";
import type { Answer, Finish, ReplyEvent } from "./types.ts";

/** A whole reply. */
export interface Collected {
  readonly text: string;
  readonly calls: readonly Extract<ReplyEvent, { kind: "call" }>[];
  readonly finish: Finish;
  readonly usage: TokenUsage;
}

/** Reads a reply to its end. @returns what it failed with; `undefined` if it was stopped. */
export async function collect({
  events,
}: Pick<Answer, "events">): Promise<
  { ok: true; value: Collected } | { ok: false; error: ApiError } | undefined
> {
  const text: string[] = [];
  const calls: Collected["calls"][number][] = [];
  for await (const event of events) {
    if (event.kind === "text") text.push(event.delta);
    else if (event.kind === "call") calls.push(event);
    else if (event.kind === "failed") return { ok: false, error: event.error };
    else {
      const { finish, usage, text: whole = text.join("") } = event;
      return { ok: true, value: { text: whole, calls, finish, usage } };
    }
  }
  return undefined;
}
