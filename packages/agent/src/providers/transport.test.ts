import { expect, test } from "bun:test";
import { anthropicEvents, anthropicReply, eventStream, openaiReply } from "../../testing/index.ts";
import { collect, request, startVendor, textOfEvents } from "../../testing/providers.ts";

const hello = anthropicReply({ blocks: [{ type: "text", deltas: ["Hello"] }] });
const begun = anthropicEvents({ blocks: [{ type: "text", deltas: ["Hello"] }] }).slice(0, 4);

test("a server that takes the request and never answers is a timeout, told once", async () => {
  await using vendor = await startVendor("anthropic", { limits: { headerTimeoutMs: 30 } });
  vendor.server.reply({ kind: "silence" });
  expect(await collect(vendor.provider)).toMatchObject([{ kind: "failed", failure: { code: "timeout" } }]);
  await vendor.server.abandoned();
});

test("a stream that goes silent is a timeout, and the connection is closed", async () => {
  await using vendor = await startVendor("anthropic", { limits: { idleTimeoutMs: 30 } });
  vendor.server.reply(eventStream(begun, { ending: "hang" }));
  const told = await collect(vendor.provider);
  expect(textOfEvents(told)).toBe("Hello");
  expect(told.at(-1)).toMatchObject({
    kind: "failed",
    failure: { code: "timeout" },
    usage: { inputTokens: 25 },
  });
  await vendor.server.abandoned();
});

test("bytes keep a stream alive, even if they are no events", async () => {
  await using vendor = await startVendor("anthropic", { limits: { idleTimeoutMs: 200 } });
  const comments = Array.from({ length: 250 }, () => [": thinking"]);
  const all = [
    ...anthropicEvents({ blocks: [] }).slice(0, 1),
    ...comments,
    ...anthropicEvents({ blocks: [{ type: "text", deltas: ["Hello"] }] }).slice(1),
  ];
  const cuts = Array.from({ length: 250 }, (_, index) => 400 + index * 8);
  vendor.server.reply(eventStream(all, { splitAt: cuts }));
  expect(textOfEvents(await collect(vendor.provider))).toBe("Hello");
});

test("a call cancelled before the headers ends without an event and the server sees the connection close", async () => {
  await using vendor = await startVendor("anthropic");
  vendor.server.reply({ kind: "silence" });
  const stopping = new AbortController();
  const told = collect(vendor.provider, request(), stopping.signal);
  await vendor.server.received(1);
  stopping.abort();
  expect(await told).toEqual([]);
  await vendor.server.abandoned();
});

for (const wire of ["anthropic", "openai", "ollama"] as const) {
  test(`${wire}: a call cancelled in the middle of its reply ends without a further event and closes the connection`, async () => {
    await using vendor = await startVendor(wire);
    const events =
      wire === "anthropic"
        ? eventStream(begun, { ending: "hang" })
        : openaiReply({
            deltas: [{ content: "Hello" }],
            finishReason: null,
            usage: null,
            hasDone: false,
            ending: "hang",
          });
    vendor.server.reply(events);
    const stopping = new AbortController();
    const kinds: string[] = [];
    for await (const event of vendor.provider.complete(request(), stopping.signal)) {
      kinds.push(event.kind);
      stopping.abort();
    }
    expect(kinds).toEqual(["text"]);
    await vendor.server.abandoned();
  });

  test(`${wire}: a caller that stops listening closes the connection`, async () => {
    await using vendor = await startVendor(wire);
    vendor.server.reply(
      wire === "anthropic"
        ? eventStream(begun, { ending: "hang" })
        : openaiReply({
            deltas: [{ content: "Hello" }],
            finishReason: null,
            usage: null,
            hasDone: false,
            ending: "hang",
          }),
    );
    for await (const _ of vendor.provider.complete(request(), new AbortController().signal)) break;
    await vendor.server.abandoned();
  });
}

test("a call whose signal has already fired sends nothing", async () => {
  await using vendor = await startVendor("anthropic");
  expect(await collect(vendor.provider, request(), AbortSignal.abort())).toEqual([]);
  expect(vendor.server.requests).toHaveLength(0);
});

test("a redirect is not followed, wherever it leads", async () => {
  await using vendor = await startVendor("anthropic");
  await using elsewhere = await startVendor("anthropic");
  vendor.server.reply({
    kind: "http",
    status: 307,
    headers: { location: `${elsewhere.server.origin}/v1/messages` },
    body: "",
  });
  expect(await collect(vendor.provider)).toMatchObject([
    { kind: "failed", failure: { code: "bad_response" } },
  ]);
  expect(elsewhere.server.requests).toHaveLength(0);
});

test("a line without an end is given up after a mebibyte", async () => {
  await using vendor = await startVendor("anthropic");
  const body = `data: ${"x".repeat(1024 * 1024 + 1)}`;
  vendor.server.reply({
    kind: "http",
    headers: { "content-type": "text/event-stream" },
    body,
    ending: "hang",
  });
  expect(await collect(vendor.provider)).toMatchObject([
    { kind: "failed", failure: { code: "bad_response" } },
  ]);
  await vendor.server.abandoned();
});

test("many calls at once do not mix", async () => {
  await using vendor = await startVendor("anthropic");
  vendor.server.otherwise(({ body }) =>
    anthropicReply({ blocks: [{ type: "text", deltas: [`for ${JSON.parse(body).max_tokens}`] }] }),
  );
  const calls = Array.from({ length: 20 }, (_, index) =>
    collect(vendor.provider, request({ maxTokens: index + 1 })),
  );
  const texts = (await Promise.all(calls)).map(textOfEvents);
  expect(texts).toEqual(Array.from({ length: 20 }, (_, index) => `for ${index + 1}`));
});

test("a proxy from the environment is not used", async () => {
  const script = `
    const { startVendor, collect, textOfEvents } = await import(${JSON.stringify(new URL("../../testing/providers.ts", import.meta.url).href)});
    const { anthropicReply } = await import(${JSON.stringify(new URL("../../testing/index.ts", import.meta.url).href)});
    await using vendor = await startVendor("anthropic");
    vendor.server.reply(anthropicReply({ blocks: [{ type: "text", deltas: ["direct"] }] }));
    process.stdout.write(textOfEvents(await collect(vendor.provider)));
  `;
  const proxy = "http://127.0.0.1:9";
  const env = { HTTP_PROXY: proxy, http_proxy: proxy, HTTPS_PROXY: proxy };
  const child = Bun.spawn([process.execPath, "-e", script], { env, stdout: "pipe", stderr: "inherit" });
  expect(await new Response(child.stdout).text()).toBe("direct");
});

test("a kept connection that the server has closed in the meantime costs a try, not the turn", async () => {
  await using vendor = await startVendor("anthropic");
  vendor.server.reply(hello, { kind: "reset" }, hello);
  await collect(vendor.provider);
  expect(textOfEvents(await collect(vendor.provider))).toBe("Hello");
});
