import { expect, test } from "bun:test";
import { describePeer } from "../listen/peer.ts";
import { createAttempts } from "./attempts.ts";

const remote = describePeer("203.0.113.9", new Headers());
const local = describePeer("127.0.0.1", new Headers({ host: "localhost" }));

test("three failures are free, then each attempt of the address waits longer", () => {
  const attempts = createAttempts();
  const waits: (number | undefined)[] = [];
  for (let nowMs = 0; waits.length < 7; nowMs += 60_000) {
    waits.push(attempts.reserve(remote, nowMs));
    attempts.failed(remote, nowMs);
  }
  expect(waits).toEqual([0, 0, 0, 250, 500, 1000, 2000]);
});

test("parallel attempts queue, and are turned away when the queue is too long", () => {
  const attempts = createAttempts();
  for (let count = 0; count < 7; count += 1) attempts.failed(remote, 0);
  expect([0, 0, 0].map((nowMs) => attempts.reserve(remote, nowMs))).toEqual([4000, 8000, undefined]);
});

test("a success, or ten quiet minutes, wipe the slate", () => {
  const attempts = createAttempts();
  for (let count = 0; count < 5; count += 1) attempts.failed(remote, 0);
  expect(attempts.reserve(remote, 600_000)).toBe(0);
  for (let count = 0; count < 5; count += 1) attempts.failed(remote, 0);
  attempts.succeeded(remote);
  expect(attempts.reserve(remote, 1)).toBe(0);
});

test("local programs wait a second at most and never queue, so that none can lock the owner out", () => {
  const attempts = createAttempts();
  for (let count = 0; count < 100; count += 1) attempts.failed(local, 0);
  expect([0, 0, 0].map((nowMs) => attempts.reserve(local, nowMs))).toEqual([1000, 1000, 1000]);
});

test("who guesses through a proxy on this machine queues like any stranger, and costs the owner nothing", () => {
  const attempts = createAttempts();
  const proxied = describePeer(
    "127.0.0.1",
    new Headers({ host: "localhost", "x-forwarded-for": "203.0.113.9" }),
  );
  for (let count = 0; count < 7; count += 1) attempts.failed(proxied, 0);
  expect([0, 0, 0].map((nowMs) => attempts.reserve(proxied, nowMs))).toEqual([4000, 8000, undefined]);
  expect(attempts.reserve(local, 0)).toBe(0);
});

test("addresses are forgotten oldest first, so that memory stays bounded", () => {
  const attempts = createAttempts();
  for (let count = 0; count < 4; count += 1) attempts.failed(remote, 0);
  for (let other = 0; other < 4096; other += 1)
    attempts.failed({ ...remote, ip: `198.51.${other >> 8}.${other & 255}` }, 0);
  expect(attempts.reserve(remote, 0)).toBe(0);
});

test("only so many failures a minute are heard; then one whenever that much time has passed", () => {
  const attempts = createAttempts(() => 2);
  attempts.failed(remote, 0);
  expect(attempts.reserve(remote, 0)).toBe(0);
  attempts.failed(remote, 0);
  expect(attempts.reserve(remote, 29_000)).toBeUndefined();
  expect(attempts.reserve(remote, 30_000)).toBe(0);
  attempts.failed(remote, 30_000);
  expect(attempts.reserve(remote, 30_000)).toBeUndefined();
  for (let count = 0; count < 9; count += 1) attempts.failed(local, 0);
  expect(attempts.reserve(local, 0)).toBe(1000);
});
