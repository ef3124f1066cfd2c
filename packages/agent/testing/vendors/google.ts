import { eventStream, jsonReply, type StreamStyle } from "./sse.ts";
import type { Reply } from "./wire.ts";

/** A part of a candidate's content, as Gemini and Vertex stream it. */
export type GooglePart =
  | { readonly text: string; readonly thought?: true; readonly thoughtSignature?: string }
  | {
      readonly functionCall: { readonly name?: string; readonly args?: object; readonly id?: string };
      readonly thoughtSignature?: string;
    };

export interface GoogleReply extends StreamStyle {
  /** One event each. */
  readonly parts: readonly GooglePart[];
  /** Default `STOP`; null leaves it out. */
  readonly finishReason?: string | null;
  readonly usage?: Readonly<Record<string, number>>;
}

/** A streamed answer of `:streamGenerateContent?alt=sse`: each event a whole response object, no `[DONE]`. */
export function googleReply(reply: GoogleReply): Reply {
  return eventStream(googleEvents(reply), reply);
}

/** The same as events. */
export function googleEvents({ parts, finishReason = "STOP", usage }: GoogleReply): string[][] {
  const usageMetadata = usage ?? { promptTokenCount: 12, candidatesTokenCount: 7, totalTokenCount: 19 };
  const end = { ...(finishReason === null ? {} : { finishReason }), index: 0 };
  const last = { candidates: [{ content: { parts: [{ text: "" }], role: "model" }, ...end }], usageMetadata };
  return [
    ...parts.map((part) =>
      googleEvent({ candidates: [{ content: { parts: [part], role: "model" }, index: 0 }] }),
    ),
    googleEvent(last),
  ];
}

/** One event with these fields of a response. */
export function googleEvent(fields: Readonly<Record<string, unknown>>): string[] {
  const head = { modelVersion: "gemini-2.5-flash", responseId: "mAitaLmkHPPlz7IPvtfUqQ4" };
  return [`data: ${JSON.stringify({ ...fields, ...head })}`];
}

/** An error body of Google's APIs. */
export function googleError(
  code: number,
  status: string,
  error: { readonly message: string; readonly details?: readonly object[] },
): Reply {
  return jsonReply(code, { error: { code, ...error, status } });
}
