import { expect, test } from "bun:test";
import { createWaitingRoom } from "./waiting-room.ts";

test("the room is full at so many runs, and a place given back twice is one place", () => {
  const room = createWaitingRoom({ maxRuns: 2, maxBytes: 100 });
  const first = room.enter(1);
  room.enter(1);
  expect(room.enter(1)).toBeUndefined();
  first?.free();
  first?.free();
  expect(room.enter(1)).toBeDefined();
  expect(room.enter(1)).toBeUndefined();
});

test("the room is full at so many bytes", () => {
  const room = createWaitingRoom({ maxRuns: 9, maxBytes: 100 });
  const first = room.enter(60);
  expect(room.enter(41)).toBeUndefined();
  expect(room.enter(40)).toBeDefined();
  first?.free();
  expect(room.enter(60)).toBeDefined();
});

test("what an earlier process accepted has its place in any case, and counts", () => {
  const room = createWaitingRoom({ maxRuns: 1, maxBytes: 10 });
  room.readmit(50);
  const second = room.readmit(50);
  expect(room.enter(0)).toBeUndefined();
  second.free();
  expect(room.enter(0)).toBeUndefined();
});
