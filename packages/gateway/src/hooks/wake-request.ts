import type { Json } from "@carapace/protocol";
import { z } from "zod";
import { typeSay } from "./agent-request.ts";
import { type HookAnswer, refusal } from "./answer.ts";

/** What a hook tells the assistant of (http.md §8.1). */
export interface HookWake {
  readonly text: string;
  readonly mode: "now" | "next-heartbeat";
}

const Fields = z.object({ text: z.string().nullish(), mode: z.unknown().optional() });

type Read =
  | { readonly ok: true; readonly wake: HookWake }
  | { readonly ok: false; readonly answer: HookAnswer };

/** Reads the body of `{hooks}/wake`. Pure. */
export function readWakeRequest(body: Json): Read {
  const fields = Fields.safeParse(body);
  if (!fields.success) return { ok: false, answer: refusal(400, typeSay(fields.error)) };
  const text = fields.data.text?.trim() ?? "";
  if (text === "") return { ok: false, answer: refusal(400, "text required") };
  return { ok: true, wake: { text, mode: wakeMode(fields.data.mode) } };
}

/** Whatever is not `next-heartbeat` is `now`. */
export function wakeMode(mode: unknown): HookWake["mode"] {
  return mode === "next-heartbeat" ? "next-heartbeat" : "now";
}
