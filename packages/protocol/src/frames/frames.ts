import { z } from "zod";
import { failures, type Refusal } from "../failures.ts";
import { MaybeAnything, Text, True } from "../scalars.ts";

/** A request of a client (websocket.md §2). Extra keys are ignored. */
export const RequestFrame = z.object({
  type: z.literal("req"),
  id: z.string().regex(/\S/),
  method: z.string().regex(/\S/),
  params: MaybeAnything,
});
export type RequestFrame = z.infer<typeof RequestFrame>;

/** The `error` of a response (websocket.md §9). */
export const ErrorShape = z.object({
  code: Text,
  message: Text,
  /** The reference's peers may leave it out. */
  retryable: z.boolean().optional(),
  details: MaybeAnything,
});
export type ErrorShape = z.infer<typeof ErrorShape>;

/** The answer to one request, found by its `id`. */
export const ResponseFrame = z.discriminatedUnion("ok", [
  z.object({ type: z.literal("res"), id: Text, ok: True, payload: MaybeAnything }),
  z.object({ type: z.literal("res"), id: Text, ok: z.literal(false), error: ErrorShape }),
]);
export type ResponseFrame = z.infer<typeof ResponseFrame>;

export const StateVersion = z.object({ presence: z.int().min(0), health: z.int().min(0) });
export type StateVersion = z.infer<typeof StateVersion>;

/** Something that happened (websocket.md §10). `seq` is missing on `connect.challenge` only. */
export const EventFrame = z.object({
  type: z.literal("event"),
  event: z.string().min(1),
  payload: MaybeAnything,
  seq: z.int().min(0).optional(),
  stateVersion: StateVersion.optional(),
});
export type EventFrame = z.infer<typeof EventFrame>;

/** The frame that answers a request; an absent payload is sent as `null`. */
export function responseOk(id: string, payload: unknown): ResponseFrame {
  return { type: "res", id, ok: true, payload: payload ?? null };
}

/** The frame that refuses a request; code and `retryable` come from the table of failures. */
export function responseError(id: string, refusal: Refusal): ResponseFrame {
  return { type: "res", id, ok: false, error: errorShape(refusal) };
}

/** A refusal as the wire shows it. */
export function errorShape(refusal: Refusal): ErrorShape {
  const { wire, retry } = failures[refusal.code];
  const error = { code: wire, message: refusal.say, retryable: retry };
  return refusal.details === undefined ? error : { ...error, details: refusal.details };
}

/** Where in the stream of events a frame stands. */
export interface EventPosition {
  readonly seq?: number;
  readonly stateVersion?: StateVersion;
}

export function eventFrame(event: string, payload: unknown, position: EventPosition = {}): EventFrame {
  return { type: "event", event, payload: payload ?? null, ...position };
}
