import type { Json } from "@carapace/protocol";
import { z } from "zod";
import { definedOnly } from "../defined-only.ts";
import { type HookAnswer, refusal } from "./answer.ts";
import { channelNamed, channelSay } from "./channel-names.ts";

/** What a hook asks of the assistant (http.md §8.2). */
export interface HookTurn {
  readonly message: string;
  readonly name: string;
  /** Its own name, or `last`. */
  readonly channel: string;
  readonly to?: string;
  readonly model?: string;
  readonly route?: string;
  readonly thinking?: string;
  readonly deliver: boolean;
  readonly wakeMode: "now" | "next-heartbeat";
  readonly sessionKey?: string;
  /** Whole seconds. */
  readonly timeoutSeconds?: number;
  readonly allowUnsafeExternalContent: boolean;
  /** Provider-specific extras. */
  readonly extra?: Json;
}

/** Deepest nesting of `veniceParameters`, its root counted as 1. */
export const maxParametersDepth = 32;

const text = z.string().nullish();
const flag = z.boolean().nullish();

const Fields = z.object({
  ...{ message: text, name: text, channel: text, to: text, model: text, route: text, thinking: text },
  ...{ wakeMode: text, sessionKey: text, deliver: flag, allowUnsafeExternalContent: flag },
  timeoutSeconds: z.number().nullish(),
  veniceParameters: z.unknown().optional(),
});
type Fields = z.infer<typeof Fields>;

type Read =
  | { readonly ok: true; readonly turn: HookTurn }
  | { readonly ok: false; readonly answer: HookAnswer };

/** Reads and checks the body of `{hooks}/agent`; unknown fields are ignored. Pure. */
export function readAgentRequest(body: Json, channels: ReadonlySet<string>): Read {
  const fields = Fields.safeParse(body);
  if (!fields.success) return refused(typeSay(fields.error));
  const said = fields.data;
  const message = said.message?.trim() ?? "";
  if (message === "") return refused("message required");
  const blank = blankChoice(said);
  if (blank !== undefined) return refused(blank);
  const channel = channelNamed(said.channel ?? undefined, channels);
  if (channel === undefined) return refused(channelSay(channels));
  const extra = said.veniceParameters;
  if (extra !== undefined && extra !== null && !isParameters(extra))
    return refused("veniceParameters must be an object");
  return {
    ok: true,
    turn: turnOf(said, { message, channel, extra: isParameters(extra) ? extra : undefined }),
  };
}

function turnOf(
  said: Fields,
  checked: { readonly message: string; readonly channel: string; readonly extra: Json | undefined },
): HookTurn {
  const filled = (value: string | null | undefined) => value?.trim() || undefined;
  return {
    ...definedOnly(checked),
    ...definedOnly({
      to: filled(said.to),
      model: filled(said.model),
      route: filled(said.route),
      thinking: filled(said.thinking),
      sessionKey: filled(said.sessionKey),
      timeoutSeconds: wholeSeconds(said.timeoutSeconds ?? undefined),
    }),
    name: filled(said.name) ?? "Hook",
    deliver: said.deliver ?? true,
    wakeMode: said.wakeMode === "next-heartbeat" ? "next-heartbeat" : "now",
    allowUnsafeExternalContent: said.allowUnsafeExternalContent ?? false,
  };
}

/** Rounded down; what is no time above zero is ignored (http.md §8.2). */
export function wholeSeconds(seconds: number | undefined): number | undefined {
  const whole = Math.floor(seconds ?? 0);
  return Number.isFinite(whole) && whole > 0 ? Math.min(whole, 0x7fff_ffff) : undefined;
}

/** `model` and `route`: neither blank, and not both. */
export function blankChoice({
  model,
  route,
}: {
  readonly model?: string | null | undefined;
  readonly route?: string | null | undefined;
}): string | undefined {
  if (typeof model === "string" && model.trim() === "") return "model required";
  if (typeof route === "string" && route.trim() === "") return "route required";
  return model && route ? "model and route exclude each other" : undefined;
}

/** How deep they are was judged with the body. */
function isParameters(value: unknown): value is Json {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

/** Which field has the wrong type, in the words callers of the reference know. */
export function typeSay(error: z.ZodError): string {
  const [issue] = error.issues;
  const field = issue?.path.join(".") ?? "";
  return `SyntaxError: ${field === "" ? "the body must be an object" : `${field} has the wrong type`}`;
}

function refused(error: string): Read {
  return { ok: false, answer: refusal(400, error) };
}
