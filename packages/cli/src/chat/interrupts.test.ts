import { expect, test } from "bun:test";
import { listenForInterrupts } from "./interrupts.ts";

/** Signals a test sends by hand. */
function signalSource() {
  const listeners = new Map<string, Set<() => void>>();
  const exits: number[] = [];
  return {
    exits,
    on: (signal: string, act: () => void) =>
      void listeners.set(signal, (listeners.get(signal) ?? new Set()).add(act)),
    off: (signal: string, act: () => void) => void listeners.get(signal)?.delete(act),
    exit: (code: number) => void exits.push(code),
    send: (signal: string) => {
      for (const act of [...(listeners.get(signal) ?? [])]) act();
    },
    count: () => [...listeners.values()].reduce((sum, set) => sum + set.size, 0),
  };
}

test("in a conversation SIGINT stops the reply, and at the prompt ends the chat", async () => {
  const signals = signalSource();
  using interrupts = listenForInterrupts({ signals, goesOn: true });
  let stops = 0;
  const off = interrupts.during(() => void stops++);
  signals.send("SIGINT");
  expect([stops, interrupts.hasLeft()]).toEqual([1, false]);
  off();
  signals.send("SIGINT");
  expect(await interrupts.left).toBe(130);
  expect(stops).toBe(1);
});

test("in a script SIGINT stops the reply and ends the chat", async () => {
  const signals = signalSource();
  using interrupts = listenForInterrupts({ signals, goesOn: false });
  let stops = 0;
  interrupts.during(() => void stops++);
  signals.send("SIGINT");
  expect(await interrupts.left).toBe(130);
  expect(stops).toBe(1);
});

test("a second signal ends the process at once", () => {
  const signals = signalSource();
  using interrupts = listenForInterrupts({ signals, goesOn: true });
  signals.send("SIGTERM");
  expect([interrupts.hasLeft(), signals.exits]).toEqual([true, []]);
  signals.send("SIGHUP");
  expect(signals.exits).toEqual([130]);
});

test("nothing listens any more afterwards", () => {
  const signals = signalSource();
  listenForInterrupts({ signals, goesOn: true })[Symbol.dispose]();
  expect(signals.count()).toBe(0);
});
