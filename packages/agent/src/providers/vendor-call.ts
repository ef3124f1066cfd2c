import type { LanguageModelV4, LanguageModelV4CallOptions } from "@ai-sdk/provider";
import type { ModelEvent } from "../types.ts";
import { troubleOf } from "./failures.ts";
import { type AttemptEvent, type RetryPolicy, withRetries } from "./retry.ts";
import { asEvent, readReply } from "./stream.ts";
import { type FetchLike, openTransport, type TransportLimits } from "./transport.ts";
import type { Vendor } from "./vendor.ts";

/** What every provider of a vendor's models is given. */
export interface CallDeps {
  readonly limits: TransportLimits;
  readonly retry: RetryPolicy;
  readonly nowMs: () => number;
}

/** One call of one model, not yet made. */
export interface VendorCall {
  readonly vendor: Vendor;
  readonly model: string;
  readonly options: LanguageModelV4CallOptions;
  /** Loads the vendor's SDK and makes the model, which sends through this fetch. */
  readonly open: (fetch: FetchLike) => Promise<LanguageModelV4>;
}

/** Makes a call, with retries. Never throws; ends without an event once the signal fires; leaves no request behind. */
export function callVendor(call: VendorCall, deps: CallDeps, signal: AbortSignal): AsyncIterable<ModelEvent> {
  return withRetries(() => attempt(call, deps, signal), deps.retry, signal);
}

async function* attempt(call: VendorCall, deps: CallDeps, signal: AbortSignal): AsyncGenerator<AttemptEvent> {
  const { vendor, model } = call;
  const left = new AbortController();
  const transport = openTransport(deps.limits, AbortSignal.any([signal, left.signal]));
  try {
    const languageModel = await call.open(transport.fetch);
    const { stream } = await languageModel.doStream({ ...call.options, includeRawChunks: true });
    for await (const event of readReply(stream, {
      vendor,
      model,
      nowMs: deps.nowMs,
      ending: transport.ending,
    })) {
      if (signal.aborted) return;
      yield event;
    }
  } catch (error) {
    if (signal.aborted) return;
    yield asEvent(troubleOf(error, { vendor, model, nowMs: deps.nowMs() }));
  } finally {
    // Also runs when the caller stops listening: the vendor must see the connection close.
    left.abort();
  }
}
