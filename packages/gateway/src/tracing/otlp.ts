import type { Span } from "./spans.ts";

/** What names the sender of spans. */
export interface TraceResource {
  readonly serviceName: string;
  readonly version: string;
}

/** Spans as an OTLP/HTTP request body in JSON (opentelemetry-proto, `ExportTraceServiceRequest`). */
export function encodeSpans(spans: readonly Span[], { serviceName, version }: TraceResource): string {
  const resource = { attributes: attributes({ "service.name": serviceName, "service.version": version }) };
  const scopeSpans = [{ scope: { name: "carapace", version }, spans: spans.map(encodeSpan) }];
  return JSON.stringify({ resourceSpans: [{ resource, scopeSpans }] });
}

/** `SPAN_KIND_INTERNAL`, `STATUS_CODE_ERROR`. */
const kindInternal = 1;
const statusError = 2;

function encodeSpan(span: Span) {
  return {
    traceId: span.traceId,
    spanId: span.spanId,
    ...(span.parentId === undefined ? {} : { parentSpanId: span.parentId }),
    name: span.name,
    kind: kindInternal,
    startTimeUnixNano: nanoseconds(span.startMs),
    endTimeUnixNano: nanoseconds(span.endMs),
    attributes: attributes(span.attributes),
    status: span.isError ? { code: statusError } : {},
  };
}

function attributes(values: Span["attributes"]) {
  return Object.entries(values).map(([key, value]) => ({ key, value: anyValue(value) }));
}

function anyValue(value: string | number | boolean) {
  if (typeof value === "string") return { stringValue: value };
  if (typeof value === "boolean") return { boolValue: value };
  // 64-bit integers are strings in protobuf's JSON.
  return Number.isInteger(value) ? { intValue: String(value) } : { doubleValue: value };
}

function nanoseconds(ms: number): string {
  return `${Math.round(ms)}000000`;
}
