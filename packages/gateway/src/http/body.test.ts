import { expect, test } from "bun:test";
import { startTestListener, testToken } from "../listen/testing/listener.ts";
import { openRaw } from "../listen/testing/raw.ts";
import { readAnswer } from "./testing/raw-http.ts";
import { testRoute } from "./testing/routes.ts";

const maxBodyBytes = 100_000;
const routes = (["tools", "control", "openai", "public"] as const).map((family) =>
  testRoute({ path: `/${family}`, family, method: "POST", maxBodyBytes }),
);
const headers = { Authorization: `Bearer ${testToken}` };

const tooLarge = {
  tools: { error: { message: "payload too large", type: "invalid_request_error" } },
  control: { ok: false, error: "payload too large" },
  openai: {
    error: { message: "payload too large", type: "invalid_request_error", param: null, code: null },
  },
};

test("a body at the limit is read, one byte more is refused in the words of the family", async () => {
  await using gateway = await startTestListener({ routes });
  for (const [family, body] of Object.entries(tooLarge)) {
    const url = `${gateway.http}/${family}`;
    const fits = await fetch(url, { method: "POST", headers, body: "x".repeat(maxBodyBytes) });
    expect(await fits.json()).toMatchObject({ body: "x".repeat(maxBodyBytes) });
    const over = await fetch(url, { method: "POST", headers, body: "x".repeat(maxBodyBytes + 1) });
    expect([over.status, await over.json()]).toEqual([413, body]);
  }
});

test("a body whose length is not said is counted as it comes", async () => {
  await using gateway = await startTestListener({ routes });
  const send = async (size: number) => {
    const body = new ReadableStream({
      start(controller) {
        for (let sent = 0; sent < size; sent += 1000) {
          controller.enqueue(new Uint8Array(Math.min(1000, size - sent)).fill(120));
        }
        controller.close();
      },
    });
    return await fetch(`${gateway.http}/public`, { method: "POST", body });
  };
  expect(await (await send(maxBodyBytes)).json()).toMatchObject({ body: "x".repeat(maxBodyBytes) });
  expect((await send(maxBodyBytes + 1)).status).toBe(413);
});

test("who is not let in is told so before his body is read, however large", async () => {
  await using gateway = await startTestListener({ routes });
  using raw = await openRaw(gateway.listener.port);
  raw.write("POST /tools HTTP/1.1\r\nHost: localhost\r\nContent-Length: 15000000\r\n\r\nx");
  await raw.until("401 Unauthorized");
});

test("far above every limit the server itself refuses", async () => {
  await using gateway = await startTestListener({ routes });
  using raw = await openRaw(gateway.listener.port);
  raw.write("POST /public HTTP/1.1\r\nHost: localhost\r\nContent-Length: 99999999999\r\n\r\n");
  await raw.ended;
  expect(readAnswer(raw.received()).status).toBe(413);
});

test("a body that does not come on is given up with 408, and the connection with it", async () => {
  await using gateway = await startTestListener({ routes, bodyTimes: { wholeMs: 60_000, pauseMs: 50 } });
  using raw = await openRaw(gateway.listener.port);
  raw.write("POST /public HTTP/1.1\r\nHost: localhost\r\nContent-Length: 10\r\n\r\nabc");
  await raw.until("the request took too long to arrive");
  expect(readAnswer(raw.received()).status).toBe(408);
  await raw.ended;
});

test("a body that comes a byte at a time is given up when its time is up", async () => {
  await using gateway = await startTestListener({ routes, bodyTimes: { wholeMs: 200, pauseMs: 60_000 } });
  using raw = await openRaw(gateway.listener.port);
  raw.write("POST /public HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\n");
  const trickle = setInterval(() => raw.write("a"), 20);
  try {
    await raw.until("408 Request Timeout");
  } finally {
    clearInterval(trickle);
  }
});

test("a route that reads no body answers without waiting for one", async () => {
  const deaf = testRoute({ path: "/deaf", method: "POST" }, () => new Response("done"));
  await using gateway = await startTestListener({ routes: [deaf] });
  const answer = await fetch(`${gateway.http}/deaf`, { method: "POST", body: "x".repeat(1_000_000) });
  expect(await answer.text()).toBe("done");
});
