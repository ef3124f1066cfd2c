import { expect, test } from "bun:test";
import { openRaw, type RawSocket } from "../../packages/gateway/src/listen/testing/raw.ts";
import { startGatewayProcess } from "../support/gateway-process.ts";
import { healthStatus } from "./connect.ts";

const sockets = 200;
const roomMiB = 30;

/** What each of a few kinds of slow callers says at first; they go on a byte at a time. */
const openings: readonly string[] = [
  "",
  "GET /hea",
  "GET /health HTTP/1.1\r\nHost: localhost\r\nX-Slow: ",
  `GET /health HTTP/1.1\r\nHost: localhost\r\nX-Large: ${"a".repeat(12_000)}`,
];

test("callers who never finish their headers are closed within 20 s, and cost the owner nothing", async () => {
  await using gateway = await startGatewayProcess();
  const beforeMiB = gateway.rssMiB();
  using opened = new DisposableStack();
  const slow: RawSocket[] = [];
  for (let index = 0; index < sockets; index += 1) {
    const raw = opened.use(await openRaw(gateway.port));
    raw.write(openings[index % openings.length] ?? "");
    slow.push(raw);
  }
  const startedAt = performance.now();
  const trickle = setInterval(() => {
    for (const [index, raw] of slow.entries()) if (index % openings.length > 0) raw.write("a");
  }, 500);
  opened.defer(() => clearInterval(trickle));
  expect(await healthStatus(gateway)).toBe(200);
  expect(gateway.rssMiB() - beforeMiB).toBeLessThan(roomMiB);
  await Promise.all(slow.map(({ ended }) => ended));
  expect(performance.now() - startedAt).toBeLessThan(20_000);
  expect(slow.filter((raw) => raw.received().includes(" 200 "))).toEqual([]);
  expect(await healthStatus(gateway)).toBe(200);
}, 30_000);
