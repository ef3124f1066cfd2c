import { describe, expect, test } from "bun:test";
import type { ChannelStatus } from "@carapace/protocol";
import type { Channel, ReportStatus } from "../adapter.ts";
import { createRegistry } from "./registry.ts";
import { initialState, nextState } from "./status.ts";

function channel(id: string, order: number, more: Partial<Channel> = {}): Channel {
  const info = { id, label: id.toUpperCase(), selectionLabel: id, docsPath: "", blurb: `${id}!`, order };
  const send = async () => ({ ok: true }) as const;
  return { info, capabilities: { chatTypes: [] }, dedupes: false, sendText: send, sendMedia: send, ...more };
}

function registryOf(...channels: readonly Channel[]) {
  let nowMs = 1000;
  const warned: string[] = [];
  const deps = { nowMs: () => nowMs++, log: { warn: (text: string) => void warned.push(text) } };
  const made = createRegistry(channels, deps);
  if (!made.ok) throw new Error(made.say);
  return { registry: made.value, warned };
}

describe("a status", () => {
  const at = (status: ChannelStatus, error?: string) => ({ status, error, nowMs: 5 });

  test("that is the same again changes nothing", () => {
    const connected = nextState(initialState, at("connected"));
    expect(connected).toEqual({ status: "connected", changedAtMs: 5, lastConnectedAtMs: 5 });
    expect(nextState(connected, { ...at("connected"), nowMs: 9 })).toBe(connected);
    const failing = nextState(connected, at("error", "no"));
    expect(nextState(failing, { ...at("error", "no"), nowMs: 9 })).toBe(failing);
    expect(nextState(failing, { ...at("error"), nowMs: 9 })).toBe(failing);
  });

  test("of an error has its text, which goes with it; the last connection is remembered", () => {
    const connected = nextState(initialState, at("connected"));
    const failing = nextState(connected, { ...at("error", "no"), nowMs: 7 });
    expect(failing).toEqual({ status: "error", changedAtMs: 7, lastConnectedAtMs: 5, lastError: "no" });
    expect(nextState(failing, { ...at("error", "still no"), nowMs: 8 })).toMatchObject({ changedAtMs: 8 });
    expect(nextState(failing, { ...at("paused"), nowMs: 8 })).toEqual({
      status: "paused",
      changedAtMs: 8,
      lastConnectedAtMs: 5,
    });
  });
});

test("channels are listed and started in their order; one that fails keeps no other from starting", async () => {
  const started: string[] = [];
  const starting = (id: string, then: (report: ReportStatus) => void) => ({
    start: async (report: ReportStatus) => {
      started.push(id);
      then(report);
    },
  });
  const { registry, warned } = registryOf(
    channel(
      "c",
      30,
      starting("c", (report) => report("connected")),
    ),
    channel(
      "b",
      20,
      starting("b", (report) => report("error", "wrong token")),
    ),
    channel(
      "a",
      10,
      starting("a", () => {
        throw new Error("broken");
      }),
    ),
    channel("z", 99),
  );
  expect(registry.counts()).toEqual({ total: 4, connected: 0 });
  await registry.start();
  expect(started).toEqual(["a", "b", "c"]);
  expect(registry.views().map(({ id, status }) => [id, status])).toEqual([
    ["a", "error"],
    ["b", "error"],
    ["c", "connected"],
    ["z", "connected"],
  ]);
  expect(registry.views()[1]).toMatchObject({ name: "B", description: "b!", lastError: "wrong token" });
  expect([...registry.ids()]).toEqual(["a", "b", "c", "z"]);
  expect(registry.counts()).toEqual({ total: 4, connected: 2 });
  expect(warned.toSorted()).toEqual([
    "a channel could not be started",
    "a channel is in error",
    "a channel is in error",
  ]);
});

test("a channel that takes its time holds up no other", async () => {
  const slow = Promise.withResolvers<void>();
  const start = async (report: ReportStatus) => {
    await slow.promise;
    report("connected");
  };
  const { registry } = registryOf(channel("a", 1, { start }), channel("b", 2));
  const starting = registry.start();
  expect(registry.views().map(({ status }) => status)).toEqual(["connecting", "connected"]);
  slow.resolve();
  await starting;
  expect(registry.counts().connected).toBe(2);
});

test("two channels of the same id are refused", () => {
  const deps = { nowMs: () => 1, log: { warn: () => undefined } };
  expect(createRegistry([channel("a", 1), channel("a", 2)], deps)).toMatchObject({
    ok: false,
    code: "conflict",
  });
});

test("a channel that was logged out stays so, whatever it reports; others hear of each change once", async () => {
  let report: ReportStatus = () => undefined;
  let isOut = false;
  const start = async (given: ReportStatus) => {
    report = given;
    given("connected");
  };
  const logout = async () => {
    isOut = true;
  };
  const { registry } = registryOf(channel("a", 1, { start, logout }));
  const heard: string[] = [];
  registry.onChange((id, status) => heard.push(`${id} ${status}`));
  await registry.start();
  expect(await registry.logout("a")).toBe(true);
  report("connected");
  expect(isOut).toBe(true);
  expect(registry.isConnected("a")).toBe(false);
  expect(heard).toEqual(["a connecting", "a connected", "a logged_out"]);
  expect(await registry.logout("b")).toBe(false);
  registry.set("b", "connected");
  expect(registry.find("b")).toBeUndefined();
});
