import { expect, test } from "bun:test";
import { Outbound, type Socket } from "./outbound.ts";

/** An operating system that takes bytes when the test says so. */
function slowSocket() {
  const sent: string[] = [];
  let buffered = 0;
  let isReading = false;
  const socket: Socket = {
    sendText(text) {
      sent.push(text);
      if (isReading) return text.length;
      buffered += text.length;
      return -1;
    },
    getBufferedAmount: () => buffered,
    close: () => undefined,
  };
  return {
    socket,
    sent,
    drain(bytes: number) {
      buffered = Math.max(0, buffered - bytes);
    },
    read() {
      isReading = true;
      buffered = 0;
    },
  };
}

const limits = { maxBufferedFrames: 4, maxBufferedBytes: 100 };

test("frames queue up to their number, and the one above is refused unsent", () => {
  const { socket, sent } = slowSocket();
  const outbound = new Outbound(socket, limits);
  expect(["a", "b", "c", "d", "e"].map((text) => outbound.send(text))).toEqual([
    true,
    true,
    true,
    true,
    false,
  ]);
  expect(sent).toEqual(["a", "b", "c", "d"]);
});

test("bytes queue up to their number, counted as UTF-8", () => {
  const outbound = new Outbound(slowSocket().socket, limits);
  expect(outbound.send("x".repeat(60))).toBe(true);
  expect(outbound.send("é".repeat(21))).toBe(false);
  expect(outbound.send("é".repeat(20))).toBe(true);
});

test("what has left makes room, frame by frame", () => {
  const { socket, drain } = slowSocket();
  const outbound = new Outbound(socket, limits);
  for (let count = 0; count < 4; count += 1) expect(outbound.send("x".repeat(10))).toBe(true);
  drain(9);
  expect(outbound.send("x")).toBe(false);
  drain(1);
  expect(outbound.send("x")).toBe(true);
  expect(outbound.send("x")).toBe(false);
});

test("a peer that reads again starts with an empty queue", () => {
  const { socket, read } = slowSocket();
  const outbound = new Outbound(socket, limits);
  for (let count = 0; count < 4; count += 1) outbound.send("x");
  read();
  for (let count = 0; count < 50; count += 1) expect(outbound.send("x".repeat(99))).toBe(true);
});
