import { expect, test } from "bun:test";
import { refuse } from "@carapace/protocol";
import { temporaryState } from "@carapace/state/testing";
import { createHeartbeat } from "../heartbeat.ts";
import { openLog } from "../log/log.ts";
import { openDoor } from "../testing/door.ts";
import { cutText } from "./cut-text.ts";
import { openSystemEvents } from "./system-events.ts";
import type { NewSystemEvent } from "./types.ts";

const hook: NewSystemEvent = {
  id: "delivery-1",
  text: "The parcel is here.",
  reason: "hook-wake-now",
  mode: "now",
  origin: { kind: "hook", ref: "wake" },
};
const later = (id: string, text: string): NewSystemEvent => ({
  ...hook,
  ...{ id, text, mode: "next-heartbeat", reason: "hook-wake-next-heartbeat" },
});

async function bench(intervalMs = 1_000_000) {
  const stack = new AsyncDisposableStack();
  const temporary = stack.use(await temporaryState());
  const log = stack.use(openLog({ level: "info", nowMs: Date.now }));
  const beats: unknown[] = [];
  const heartbeat = stack.use(
    createHeartbeat({ events: { publish: (_name, payload) => void beats.push(payload) }, nowMs: Date.now }),
  );
  const open = async () => {
    const door = openDoor({ state: temporary.state });
    const world = { nowMs: Date.now, newId: () => crypto.randomUUID() };
    const events = await openSystemEvents({
      ...{ ...door, state: temporary.state, world, heartbeat, log, intervalMs },
    });
    const turnEnded = async () => {
      const [run] = door.turns.slice(-1);
      if (run !== undefined) await door.runs.wait(run.id, 5000, AbortSignal.timeout(5000));
    };
    return { door, events, turnEnded };
  };
  return { temporary, heartbeat, open, log, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

const noModel = refuse("provider_not_configured", "No model is set up.");

test("an event for now is a turn of the main session with its text and its label, once however often it comes", async () => {
  await using it = await bench();
  const { door, events } = await it.open();
  await using _closing = events;
  const [first, second] = [await events.submit(hook), await events.submit(hook)];
  expect(first).toEqual({ ok: true, value: { runId: "event:delivery-1" } });
  expect(second).toEqual(first);
  await door.runs.wait("event:delivery-1", 5000, AbortSignal.timeout(5000));
  expect(door.turns.map(({ text }) => text)).toEqual(["The parcel is here."]);
  expect(door.turns[0]?.run.input.blocks).toMatchObject([{ origin: { kind: "hook" } }]);
});

test("an event for the next heartbeat waits without a turn, and survives a restart", async () => {
  await using it = await bench();
  const first = await it.open();
  expect(await first.events.submit(later("a", "one"))).toEqual({ ok: true, value: {} });
  await first.events[Symbol.asyncDispose]();
  await it.temporary.reopen();
  const { door, events } = await it.open();
  await using _closing = events;
  expect(door.turns).toEqual([]);
  expect(await events.status()).toEqual({ pending: 1 });
  await events.submit(later("b", "two"));
  await events.submit(later("b", "two again"));
  await events.beat();
  await door.runs.idle(door.turns[0]?.run.sessionKey ?? "");
  expect(door.turns).toHaveLength(1);
  const { text = "", run } = door.turns[0] ?? {};
  expect(text).toStartWith("Heartbeat: ");
  expect(text).toMatch(/one\n.*two$/);
  // What a stranger said stays a stranger's word in the program's mouth.
  expect(run?.input.blocks).toMatchObject([{ origin: { kind: "system", from: ["hook"] } }]);
  expect(await events.status()).toEqual({ pending: 0 });
});

test("a heartbeat with nothing to tell asks no model", async () => {
  await using it = await bench();
  const { door, events } = await it.open();
  await using _closing = events;
  await events.beat();
  expect(door.turns).toEqual([]);
});

test("events are told when the interval is over, and with the heartbeat events where those are on", async () => {
  await using it = await bench(5);
  const { door, events } = await it.open();
  await using _closing = events;
  await events.submit(later("a", "soon"));
  while (door.turns.length === 0) await Bun.sleep(1);
  expect(door.turns[0]?.text).toContain("soon");
  await using slow = await bench();
  const other = await slow.open();
  await using _other = other.events;
  await other.events.submit(later("b", "with the beat"));
  slow.heartbeat.set(true, 5);
  while (other.door.turns.length === 0) await Bun.sleep(1);
  expect(other.door.turns[0]?.text).toContain("with the beat");
});

test("while no model can answer events stay, say so, and are told once one can", async () => {
  await using it = await bench();
  const { door, events } = await it.open();
  await using _closing = events;
  door.unplug(noModel);
  expect(await events.submit(hook)).toEqual({ ok: true, value: {} });
  await events.beat();
  expect(await events.status()).toEqual({ pending: 1, why: "No model is set up." });
  door.unplug();
  await events.beat();
  expect(await events.status()).toEqual({ pending: 0 });
  await door.runs.idle(door.turns[0]?.run.sessionKey ?? "");
  expect(door.turns).toHaveLength(1);
});

test("a wake of the main session takes along what waits", async () => {
  await using it = await bench();
  const { door, events } = await it.open();
  await using _closing = events;
  await events.submit(later("a", "the news"));
  const woken = await events.wake(undefined);
  expect(woken).toMatchObject({ kind: "started" });
  expect(await it.temporary.state.systemEvents.count()).toBe(0);
  await door.runs.idle(woken.kind === "none" ? "" : woken.sessionKey);
  expect(door.turns.map(({ text }) => text.includes("the news"))).toEqual([true]);
});

test("a process that died between taking the turn in and forgetting its events tells none twice", async () => {
  await using it = await bench();
  const { state } = it.temporary;
  const first = await it.open();
  await first.events.submit(later("a", "one"));
  const removed = state.systemEvents.remove;
  // The process dies here: the turn was taken in, nothing after it was written.
  Object.assign(state.systemEvents, { remove: () => Promise.reject(new Error("killed")) });
  await first.events.beat();
  Object.assign(state.systemEvents, { remove: removed });
  await first.events[Symbol.asyncDispose]();
  await first.door.runs.idle(first.door.turns[0]?.run.sessionKey ?? "");
  expect(first.door.turns).toHaveLength(1);
  const { door, events } = await it.open();
  await using _closing = events;
  await events.submit(later("b", "two"));
  await events.beat();
  await door.runs.idle(door.turns[0]?.run.sessionKey ?? "");
  expect(door.turns.map(({ text }) => [text.includes("one"), text.includes("two")])).toEqual([[false, true]]);
});

test("a text is cut at whole characters", () => {
  expect(cutText("aé", 2)).toBe("a");
  expect(cutText("aé", 3)).toBe("aé");
  expect(cutText("😀😀", 7)).toBe("😀");
});

test("no more events wait than anybody could be told: a further one is refused, one that waits already is not", async () => {
  await using it = await bench();
  const { temporary } = it;
  for (let count = 0; count < 1000; count += 1)
    await temporary.state.systemEvents.add({
      ...{ id: `e${count}`, text: "x", reason: "cron", origin: { kind: "owner" }, createdAtMs: count },
    });
  const { events } = await it.open();
  await using _closing = events;
  expect(await events.submit(later("new", "y"))).toMatchObject({ ok: false, code: "unavailable" });
  expect(await events.submit(later("e7", "x"))).toMatchObject({ ok: true });
  expect(await temporary.state.systemEvents.count()).toBe(1000);
});
