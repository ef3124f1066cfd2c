import { expect, test } from "bun:test";
import { openLog } from "../log/log.ts";
import { createExporter } from "./exporter.ts";
import { encodeSpans } from "./otlp.ts";
import type { Span } from "./spans.ts";

const span: Span = {
  traceId: "0af7651916cd43dd8448eb211c80319c",
  spanId: "b7ad6b7169203331",
  parentId: "00f067aa0ba902b7",
  name: "chat m",
  startMs: 1_700_000_000_000,
  endMs: 1_700_000_000_250,
  attributes: { text: "x", count: 3, share: 0.5, flag: true },
  isError: true,
};

function logged() {
  const log = openLog({ level: "info", nowMs: () => 0 });
  return { log: log.target("tracing"), lines: () => log.ring.entries().map(({ message }) => message) };
}

test("a span is encoded as OTLP has it in JSON", () => {
  const body: unknown = JSON.parse(encodeSpans([span], { serviceName: "carapace", version: "1" }));
  expect(body).toEqual({
    resourceSpans: [
      {
        resource: {
          attributes: [
            { key: "service.name", value: { stringValue: "carapace" } },
            { key: "service.version", value: { stringValue: "1" } },
          ],
        },
        scopeSpans: [
          {
            scope: { name: "carapace", version: "1" },
            spans: [
              {
                traceId: span.traceId,
                spanId: span.spanId,
                parentSpanId: span.parentId,
                name: "chat m",
                kind: 1,
                startTimeUnixNano: "1700000000000000000",
                endTimeUnixNano: "1700000000250000000",
                attributes: [
                  { key: "text", value: { stringValue: "x" } },
                  { key: "count", value: { intValue: "3" } },
                  { key: "share", value: { doubleValue: 0.5 } },
                  { key: "flag", value: { boolValue: true } },
                ],
                status: { code: 2 },
              },
            ],
          },
        ],
      },
    ],
  });
});

test("spans go out in batches, and whatever waits when it is closed goes out too", async () => {
  const sizes: number[] = [];
  const send = async (spans: readonly Span[]) => {
    sizes.push(spans.length);
    return { status: 200 };
  };
  {
    await using exporter = createExporter({ send, log: logged().log });
    for (let n = 0; n < 300; n++) exporter.add(span);
  }
  expect(sizes).toEqual([256, 44]);
});

test("a busy collector is asked once more; one that is away is told of once, and once when it is back", async () => {
  const answers: (number | Error)[] = [503, 200, new TypeError("x"), new TypeError("x"), 500, 200];
  const send = async () => {
    const answer = answers.shift() ?? 200;
    if (answer instanceof Error) throw answer;
    return { status: answer };
  };
  const { log, lines } = logged();
  await using exporter = createExporter({ send, log });
  for (let n = 0; n < 4; n++) {
    exporter.add(span);
    await exporter.flush();
  }
  expect(answers).toEqual([]);
  expect(lines()).toEqual(["traces could not be sent", "traces are sent again"]);
});

test("a collector that does not answer costs spans, not memory", async () => {
  const gate = Promise.withResolvers<{ status: number }>();
  let sent = 0;
  const send = (spans: readonly Span[]) => {
    sent += spans.length;
    return gate.promise;
  };
  await using exporter = createExporter({ send, log: logged().log, flushAfterMs: 1 });
  for (let n = 0; n < 100_000; n++) exporter.add(span);
  gate.resolve({ status: 200 });
  await exporter.flush();
  expect(sent).toBeLessThan(100_001);
});
