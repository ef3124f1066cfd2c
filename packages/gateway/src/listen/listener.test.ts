import { expect, test } from "bun:test";
import { networkInterfaces } from "node:os";
import { testRoute } from "../http/testing/routes.ts";
import { introduce } from "./testing/client.ts";
import { startTestListener, testToken } from "./testing/listener.ts";

test("with a credential, another Host is only a remote caller", async () => {
  await using gateway = await startTestListener();
  using client = await gateway.open({ Host: "panel.example" });
  const answer = await introduce(client, { connect: { auth: { token: testToken } } });
  expect(answer).toMatchObject({ error: { message: "device identity required" } });
});

test("a port that is taken is refused with what to do", async () => {
  await using gateway = await startTestListener();
  const second = startTestListener({ port: gateway.listener.port });
  await expect(second).rejects.toThrow(`port ${gateway.listener.port} on 127.0.0.1 is in use`);
});

test("an address others can reach is refused without a credential", async () => {
  const credentials = { mode: "none", allowTailscale: false } as const;
  await expect(startTestListener({ hostname: "0.0.0.0", credentials })).rejects.toThrow(
    "refusing to listen on 0.0.0.0",
  );
});

/** An address of this machine that other machines could reach. */
const outward = Object.values(networkInterfaces())
  .flatMap((addresses) => addresses ?? [])
  .find(({ internal, family }) => !internal && family === "IPv4")?.address;

test.skipIf(outward === undefined)(
  `at an address of the network this machine's own programs find it as well${outward === undefined ? " (missing: such an address)" : ""}`,
  async () => {
    const route = testRoute({ path: "/here", family: "public" });
    await using gateway = await startTestListener({ hostname: outward ?? "", routes: [route] });
    const { port } = gateway.listener;
    for (const host of [outward, "127.0.0.1"]) {
      expect((await fetch(`http://${host}:${port}/here`)).status).toBe(200);
    }
    gateway.listener.serve([testRoute({ path: "/there", family: "public" })]);
    expect((await fetch(`http://127.0.0.1:${port}/there`)).status).toBe(200);
    await gateway.listener.stop({ reason: "over", budgetMs: 1000 });
    for (const host of [outward, "127.0.0.1"]) {
      await expect(fetch(`http://${host}:${port}/there`)).rejects.toThrow();
    }
  },
);

test.skipIf(outward === undefined)(
  `a loopback port that somebody else has is told, and keeps nobody from the network${outward === undefined ? " (missing: such an address)" : ""}`,
  async () => {
    await using other = await startTestListener();
    const { port } = other.listener;
    await using gateway = await startTestListener({ hostname: outward ?? "", port });
    expect((await fetch(`http://${outward}:${port}/health`)).status).toBe(200);
    expect(gateway.faults.join()).toContain("cannot reach the gateway at 127.0.0.1");
  },
);

test("an address that is not this machine's is refused", async () => {
  await expect(startTestListener({ hostname: "203.0.113.77" })).rejects.toThrow("check gateway.bind");
});

test("routes that the server cannot take leave the former ones in place", async () => {
  await using gateway = await startTestListener({ routes: [testRoute({ path: "/old", family: "public" })] });
  gateway.listener.serve([testRoute({ path: "/é", family: "public" })]);
  expect((await fetch(`${gateway.http}/old`)).status).toBe(200);
  expect(gateway.faults.join()).toContain("the former stay");
});

test("a stop tells everybody, lets runs end, turns newcomers away, then closes with 1001", async () => {
  await using gateway = await startTestListener();
  using client = await gateway.open();
  await introduce(client, { connect: { auth: { token: testToken } } });
  const run = Promise.withResolvers<void>();
  const stopped = gateway.listener.stop({ reason: "SIGTERM", budgetMs: 10_000, drain: () => run.promise });
  expect(await client.event("shutdown")).toMatchObject({
    payload: { reason: "SIGTERM", reasonTruncated: false },
  });
  const ready = await fetch(`${gateway.http}/health/ready`);
  expect([ready.status, ready.headers.get("connection")]).toEqual([503, "close"]);
  await expect(gateway.open()).rejects.toThrow();
  expect(await client.request("health")).toMatchObject({ ok: true });
  run.resolve();
  expect(await client.closed).toEqual({ code: 1001, reason: "gateway stopping" });
  await stopped;
  await expect(fetch(`${gateway.http}/health`)).rejects.toThrow();
});

test("a stop waits no longer than its budget, and a long reason is cut", async () => {
  await using gateway = await startTestListener();
  using client = await gateway.open();
  await introduce(client, { connect: { auth: { token: testToken } } });
  let isAborted = false;
  const drain = (signal: AbortSignal) =>
    new Promise<void>(() => signal.addEventListener("abort", () => (isAborted = true)));
  await gateway.listener.stop({ reason: "x".repeat(2000), budgetMs: 30, drain });
  expect(isAborted).toBe(true);
  expect(await client.event("shutdown")).toMatchObject({
    payload: { reason: "x".repeat(1024), reasonTruncated: true },
  });
});
