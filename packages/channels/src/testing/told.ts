import type { Channel, DeliveryResult, OutboundContext } from "../adapter.ts";

export const sent = { ok: true } as const satisfies DeliveryResult;
export const later = {
  ok: false,
  error: "busy",
  retryability: { kind: "transient" },
} as const satisfies DeliveryResult;
export const never = {
  ok: false,
  error: "no such chat",
  retryability: { kind: "terminal" },
} as const satisfies DeliveryResult;

/** A channel without a wire: what it is given, and what it answers. */
export function told(
  id: string,
  answer: (context: OutboundContext, signal: AbortSignal) => DeliveryResult | Promise<DeliveryResult>,
  dedupes = true,
): Channel & { readonly given: OutboundContext[] } {
  const given: OutboundContext[] = [];
  const send = async (context: OutboundContext, signal: AbortSignal) => {
    given.push(context);
    return await answer(context, signal);
  };
  const info = { id, label: id, selectionLabel: id, docsPath: "", blurb: "", order: 1 };
  return { info, capabilities: { chatTypes: ["dm"] }, dedupes, sendText: send, sendMedia: send, given };
}
