import type { LanguageModelV4, LanguageModelV4CallOptions } from "@ai-sdk/provider";
import type { ModelEvent, ModelRequest } from "../types.ts";
import type { OpenSignIns } from "./credential.ts";
import { troubleOf } from "./failures.ts";
import { type AttemptEvent, type RetryPolicy, withRetries } from "./retry.ts";
import { asEvent, readReply } from "./stream.ts";
import { type FetchLike, type Framing, openTransport, type TransportLimits } from "./transport.ts";
import type { Vendor } from "./vendor.ts";

/** What every provider of a vendor's models is given. */
export interface CallDeps {
  readonly limits: TransportLimits;
  readonly retry: RetryPolicy;
  readonly nowMs: () => number;
  /** Absent: there are none to use. */
  readonly signIns?: OpenSignIns;
}

/** One call of one model, not yet made. */
export interface VendorCall {
  readonly vendor: Vendor;
  readonly request: Pick<ModelRequest, "model" | "hasFallback">;
  readonly options: LanguageModelV4CallOptions;
  /** Default: server-sent events. */
  readonly framing?: Framing;
  /** Loads the vendor's SDK and makes the model, which sends through this fetch. */
  readonly open: (fetch: FetchLike) => Promise<LanguageModelV4>;
}

/** Makes a call, with retries. Never throws; ends without an event once the signal fires; leaves no request behind. */
export function callVendor(call: VendorCall, deps: CallDeps, signal: AbortSignal): AsyncIterable<ModelEvent> {
  const { retry } = deps;
  const policy = call.request.hasFallback === true ? { ...retry, ...hurried } : retry;
  return withRetries(() => attempt(call, deps, signal), policy, signal);
}

/** With another model at hand one short second try is enough: its answer is worth more than a minute's patience. */
const hurried = { maxTries: 2, maxRetryAfterMs: 2000 } as const;

async function* attempt(call: VendorCall, deps: CallDeps, signal: AbortSignal): AsyncGenerator<AttemptEvent> {
  const { vendor } = call;
  const { model } = call.request;
  const left = new AbortController();
  const transport = openTransport(deps.limits, AbortSignal.any([signal, left.signal]), call.framing);
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
