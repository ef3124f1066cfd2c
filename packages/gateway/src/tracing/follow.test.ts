import { expect, test } from "bun:test";
import { startTestGateway } from "../testing/index.ts";

/** A collector on loopback that speaks OTLP over HTTP. */
function startCollector() {
  const bodies: string[] = [];
  const seen: Headers[] = [];
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    async fetch(request) {
      bodies.push(await request.text());
      seen.push(request.headers);
      return Response.json({ partialSuccess: {} });
    },
  });
  return { bodies, seen, url: `http://127.0.0.1:${server.port}/v1/traces`, stop: () => server.stop(true) };
}

test("a turn is told to the owner's collector, without what was said", async () => {
  const collector = startCollector();
  try {
    const traces = { enabled: true, endpoint: collector.url, authorization: "Basic abc" };
    {
      await using gateway = await startTestGateway({
        replies: ["A private answer."],
        config: { telemetry: { traces } },
      });
      using link = await gateway.connect();
      await link.call("chat.send", {
        message: "a private question",
        sessionKey: "main",
        idempotencyKey: "r",
      });
      await link.ended("r");
    }
    const sent = collector.bodies.join();
    expect(sent).toContain('"name":"invoke_agent carapace"');
    expect(sent).toContain('"name":"chat basic"');
    expect(sent).not.toContain("private");
    expect(collector.seen[0]?.get("authorization")).toBe("Basic abc");
    expect(collector.seen[0]?.get("content-type")).toBe("application/json");
  } finally {
    await collector.stop();
  }
});

test("nothing is sent unless it is enabled", async () => {
  const collector = startCollector();
  try {
    const config = { telemetry: { traces: { endpoint: collector.url } } };
    {
      await using gateway = await startTestGateway({ replies: ["Hello."], config });
      using link = await gateway.connect();
      await link.call("chat.send", { message: "hi", sessionKey: "main", idempotencyKey: "r" });
      await link.ended("r");
    }
    expect(collector.bodies).toEqual([]);
  } finally {
    await collector.stop();
  }
});
