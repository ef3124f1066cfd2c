import { expect, test } from "bun:test";
import { type OutboxStatus, StateError } from "@carapace/state";
import { temporaryState } from "@carapace/state/testing";
import { retainOutbox } from "./retention.ts";

const hourMs = 3_600_000;
const nowMs = 1_795_000_000_000;
const quiet = { debug() {}, warn() {} };

test("what was sent is forgotten after a day, what failed after 30, what waits never", async () => {
  await using at = await temporaryState();
  const { outbox } = at.state;
  const put = async (id: string, status: OutboxStatus, ageHours: number) => {
    const parts = [{ type: "text" as const, text: id }];
    const facts = { id, nowMs: nowMs - ageHours * hourMs };
    const added = await outbox.add({ channel: "c", to: "t", parts, source: { kind: "send" } }, facts);
    if (added.kind === "added") await outbox.save({ ...added.message, status });
  };
  await put("sent today", "sent", 23);
  await put("sent yesterday", "sent", 25);
  await put("failed lately", "failed", 29 * 24);
  await put("failed long ago", "failed", 31 * 24);
  await put("waits", "queued", 1000 * 24);
  await retainOutbox({ outbox, nowMs: () => nowMs, log: quiet });
  expect((await outbox.list({})).map(({ id }) => id)).toEqual(["waits", "failed lately", "sent today"]);
});

test("a store that takes nothing is told, and stops nobody", async () => {
  const warned: string[] = [];
  const prune = () => Promise.reject(new StateError("disk_full", "The disk is full."));
  const log = { debug() {}, warn: (message: string) => void warned.push(message) };
  await retainOutbox({ outbox: { prune }, nowMs: () => nowMs, log });
  expect(warned).toEqual(["old messages of the outbox could not be forgotten"]);
});
