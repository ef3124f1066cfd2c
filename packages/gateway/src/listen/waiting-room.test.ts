import { expect, test } from "bun:test";
import { createWaitingRoom, type Newcomer } from "./waiting-room.ts";

const local = { ip: "127.0.0.1", isLoopback: true };
const dismissed: number[] = [];

function newcomer(sinceMs: number, peer: Newcomer["peer"] = local): Newcomer {
  return { peer, sinceMs, dismiss: () => void dismissed.push(sinceMs) };
}

test("an address has its own share of the places; those who left make room", () => {
  const room = createWaitingRoom({ maxNewcomers: 64, maxNewcomersPerIp: 8 });
  const far = { ip: "203.0.113.9", isLoopback: false };
  const crowd = Array.from({ length: 8 }, () => newcomer(0, far));
  for (const one of crowd) expect(room.enter(one)).toBe(true);
  expect(room.enter(newcomer(5000, far))).toBe(false);
  expect(room.enter(newcomer(0, { ip: "203.0.113.10", isLoopback: false }))).toBe(true);
  if (crowd[0] !== undefined) room.leave(crowd[0]);
  expect(room.enter(newcomer(0, far))).toBe(true);
});

test("a full room takes nobody, until its oldest has waited for a second and has to go", () => {
  const room = createWaitingRoom({ maxNewcomers: 3, maxNewcomersPerIp: 8 });
  for (const sinceMs of [1, 2, 3]) expect(room.enter(newcomer(sinceMs))).toBe(true);
  expect(room.enter(newcomer(1000))).toBe(false);
  expect(dismissed).toEqual([]);
  expect(room.enter(newcomer(1001))).toBe(true);
  expect(dismissed).toEqual([1]);
  expect(room.enter(newcomer(1001))).toBe(false);
});
