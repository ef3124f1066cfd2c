import { expect, test } from "bun:test";
import { request } from "../http/testing/raw-http.ts";
import { testRoute } from "../http/testing/routes.ts";
import { startTestListener, testToken } from "./testing/listener.ts";
import { openRaw } from "./testing/raw.ts";

const headers = { Authorization: `Bearer ${testToken}` };

/** A route that answers when it is told to, and says when it was asked. */
function patient() {
  const asked = Promise.withResolvers<AbortSignal>();
  const answer = Promise.withResolvers<Response>();
  const route = testRoute({ path: "/v1/patient", family: "openai" }, ({ signal }) => {
    asked.resolve(signal);
    return answer.promise;
  });
  return { route, asked: asked.promise, answer: answer.resolve };
}

/** A stream of events that never ends by itself. */
function endless() {
  const cancelled = Promise.withResolvers<unknown>();
  const route = testRoute({ path: "/v1/stream", family: "openai" }, () => {
    const body = new ReadableStream({
      start: (controller) => controller.enqueue(new TextEncoder().encode("data: one\n\n")),
      cancel: (reason) => cancelled.resolve(reason),
    });
    return new Response(body, { headers: { "Content-Type": "text/event-stream" } });
  });
  return { route, cancelled: cancelled.promise };
}

test("what is being answered when the gateway stops is answered, new work is refused", async () => {
  const slow = patient();
  await using gateway = await startTestListener({ routes: [slow.route] });
  const answering = fetch(`${gateway.http}/v1/patient`, { headers });
  await slow.asked;
  const stopped = gateway.listener.stop({ reason: "SIGTERM", budgetMs: 5000 });
  const late = await fetch(`${gateway.http}/v1/patient`, { headers });
  expect([late.status, late.headers.get("connection")]).toEqual([503, "close"]);
  expect(late.headers.get("retry-after")).toBe("5");
  expect(await late.json()).toEqual({
    error: { message: "the gateway is stopping", type: "unavailable", param: null, code: null },
  });
  expect((await fetch(`${gateway.http}/health/ready`)).status).toBe(503);
  expect((await fetch(`${gateway.http}/health`)).headers.get("connection")).toBe("close");
  slow.answer(new Response("done"));
  expect(await (await answering).text()).toBe("done");
  await stopped;
});

test("what takes longer than the stop may is told so, and its signal fires", async () => {
  const slow = patient();
  await using gateway = await startTestListener({ routes: [slow.route] });
  const answering = fetch(`${gateway.http}/v1/patient`, { headers });
  const signal = await slow.asked;
  await gateway.listener.stop({ reason: "SIGTERM", budgetMs: 30 });
  expect(signal.aborted).toBe(true);
  expect((await answering).status).toBe(503);
});

test("a stream of events ends with an error event when the gateway stops", async () => {
  const stream = endless();
  await using gateway = await startTestListener({ routes: [stream.route] });
  const answer = await fetch(`${gateway.http}/v1/stream`, { headers });
  expect([answer.status, answer.headers.get("cache-control")]).toEqual([200, "no-cache"]);
  const text = answer.text();
  await gateway.listener.stop({ reason: "SIGTERM", budgetMs: 30 });
  expect(await text).toBe(
    'data: one\n\nevent: error\ndata: {"error":{"message":"the gateway is stopping","type":"unavailable"}}\n\n',
  );
  expect(await stream.cancelled).toBe("the gateway is stopping");
});

test("who asks for the head of a stream gets just that, and the stream is over", async () => {
  const stream = endless();
  await using gateway = await startTestListener({ routes: [stream.route] });
  const answer = await fetch(`${gateway.http}/v1/stream`, { method: "HEAD", headers });
  expect([answer.status, answer.headers.get("content-type")]).toEqual([200, "text/event-stream"]);
  await stream.cancelled;
});

test("a stream ends with its reader, and holds up no stop afterwards", async () => {
  const stream = endless();
  await using gateway = await startTestListener({ routes: [stream.route] });
  using raw = await openRaw(gateway.listener.port);
  raw.write(request("GET /v1/stream", [`Authorization: Bearer ${testToken}`]));
  await raw.until("data: one");
  raw.socket.destroy();
  await stream.cancelled;
  const startedAt = performance.now();
  await gateway.listener.stop({ reason: "SIGTERM", budgetMs: 10_000 });
  expect(performance.now() - startedAt).toBeLessThan(5000);
});

test("a route that takes too long is cut with 504", async () => {
  const slow = patient();
  await using gateway = await startTestListener({ routes: [{ ...slow.route, timeoutSeconds: 0.05 }] });
  const answer = await fetch(`${gateway.http}/v1/patient`, { headers });
  expect([answer.status, (await slow.asked).aborted]).toEqual([504, true]);
});

test("a caller who hangs up fires the signal of his request", async () => {
  const slow = patient();
  await using gateway = await startTestListener({ routes: [slow.route] });
  using raw = await openRaw(gateway.listener.port);
  raw.write(request("GET /v1/patient", [`Authorization: Bearer ${testToken}`]));
  const signal = await slow.asked;
  const fired = new Promise<void>((done) => signal.addEventListener("abort", () => done()));
  raw.socket.destroy();
  await fired;
  slow.answer(new Response("nobody hears"));
});

test("under load a stop leaves every caller with an answer or a closed door, none with half of one", async () => {
  const route = testRoute({ path: "/busy" }, async () => {
    // Lets other requests begin before this one ends.
    await new Promise((done) => setImmediate(done));
    return new Response("x".repeat(1000));
  });
  await using gateway = await startTestListener({ routes: [route] });
  const seen = { whole: 0, turnedAway: 0, closed: 0 };
  const first = Promise.withResolvers<void>();
  const callers = Array.from({ length: 20 }, async () => {
    for (;;) {
      const answer = await fetch(`${gateway.http}/busy`).catch(() => undefined);
      if (answer === undefined) return void seen.closed++;
      const { length } = await answer.text();
      if (answer.status === 200) {
        expect(length).toBe(1000);
        seen.whole++;
        first.resolve();
      } else {
        expect(answer.status).toBe(503);
        seen.turnedAway++;
      }
    }
  });
  await first.promise;
  await gateway.listener.stop({ reason: "SIGTERM", budgetMs: 5000 });
  await Promise.all(callers);
  expect(seen.whole).toBeGreaterThan(0);
  expect(seen.closed).toBe(20);
});

test("routes are swapped under running requests, and settings with them", async () => {
  const slow = patient();
  const settings = { burst: 5 };
  await using gateway = await startTestListener({
    routes: [slow.route],
    httpSettings: () => ({
      trusted: new Set(),
      rates: { isEnabled: true, prefixes: [], rest: { perSecond: 1, burst: settings.burst } },
      failedLoginsPerMinute: 10,
    }),
  });
  const answering = fetch(`${gateway.http}/v1/patient`, { headers });
  await slow.asked;
  settings.burst = 7;
  gateway.listener.serve([testRoute({ path: "/new" })]);
  const fresh = await fetch(`${gateway.http}/new`);
  expect([fresh.status, fresh.headers.get("ratelimit")]).toEqual([200, "limit=7, remaining=7, reset=1"]);
  expect((await fetch(`${gateway.http}/v1/patient`, { headers })).status).toBe(404);
  slow.answer(new Response("old"));
  expect(await (await answering).text()).toBe("old");
});
