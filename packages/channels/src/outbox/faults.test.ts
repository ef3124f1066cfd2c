import { describe, expect, test } from "bun:test";
import { StateError } from "@carapace/state";
import { rawDatabase } from "@carapace/state/testing";
import type { DeliveryResult } from "../adapter.ts";
import { createConsole } from "../console/console.ts";
import { carrying, endOf, enqueued, temporaryState, words } from "../testing/carried.ts";
import { later, sent, told } from "../testing/told.ts";

describe("clocks", () => {
  test("a wall clock that is set back does not put a retry off, one that is set forward does not hurry it", async () => {
    await using at = await temporaryState();
    let nowMs = 10_000_000;
    let attempts = 0;
    const channel = told("c", () => {
      attempts += 1;
      nowMs += attempts === 1 ? -9_000_000 : 9_000_000;
      return attempts < 3 ? later : sent;
    });
    const limits = { backoff: { baseMs: 4, factor: 2, capMs: 3_600_000 } };
    await using carried = await carrying(at.state, { channels: [channel], limits, nowMs: () => nowMs });
    const { id } = await enqueued(carried.outbox, words("a", { channel: "c" }));
    expect(await endOf(carried, at, id)).toMatchObject({ status: "sent", attempts: 3 });
  });

  test("a retry time that a wrong clock stored is waited for an hour at most", async () => {
    await using at = await temporaryState();
    const channel = told("c", () => sent);
    await using first = await carrying(at.state, { channels: [channel], isOffline: true });
    const queued = await enqueued(first.outbox, words("a", { channel: "c" }));
    await first[Symbol.asyncDispose]();
    await at.state.outbox.save({ ...queued, nextAttemptAtMs: Date.now() + 1e12 });
    await using carried = await carrying(at.state, { channels: [channel] });
    expect(await endOf(carried, at, queued.id)).toMatchObject({ status: "sent" });
  });
});

describe("a store that fails", () => {
  test("what went out is marked as soon as the disk takes it, and not sent twice", async () => {
    await using at = await temporaryState();
    const channel = told("c", () => sent);
    let refusals = 3;
    await using carried = await carrying(at.state, {
      channels: [channel],
      repository: (repository) => ({
        ...repository,
        save: async (message) => {
          if (refusals-- > 0) throw new StateError("disk_full", "The disk is full.");
          await repository.save(message);
        },
      }),
    });
    const { id } = await enqueued(carried.outbox, words("a", { channel: "c" }));
    expect(await endOf(carried, at, id)).toMatchObject({ status: "sent" });
    expect(channel.given).toHaveLength(1);
  });

  test("what could not be marked as being sent is not sent until it can", async () => {
    await using at = await temporaryState();
    const channel = told("c", () => sent);
    let refusals = 2;
    await using carried = await carrying(at.state, {
      channels: [channel],
      repository: (repository) => ({
        ...repository,
        change: async (id, decide) => {
          if (refusals-- > 0) throw new StateError("disk_full", "The disk is full.");
          return await repository.change(id, decide);
        },
      }),
    });
    const { id } = await enqueued(carried.outbox, words("a", { channel: "c" }));
    expect(await endOf(carried, at, id)).toMatchObject({ status: "sent", attempts: 1 });
    expect(channel.given).toHaveLength(1);
  });

  test("a message that was changed from outside is not sent, the next one is", async () => {
    await using at = await temporaryState();
    const channel = told("c", () => sent);
    const before = await carrying(at.state, { channels: [channel], isOffline: true });
    await enqueued(before.outbox, words("a", { channel: "c" }));
    const good = await enqueued(before.outbox, words("b", { channel: "c" }));
    await before[Symbol.asyncDispose]();
    await at.close();
    const raw = await rawDatabase(at.dir, at.keys);
    raw.exec(`UPDATE outbox SET body = json_set(body, '$.to', 'mallory') WHERE seq = 1`);
    raw.close();
    await at.reopen();
    await using carried = await carrying(at.state, { channels: [channel] });
    await endOf(carried, at, good.id);
    expect(channel.given.map(({ to, text }) => [to, text])).toEqual([["me", "b"]]);
    expect(at.state.damage()).toHaveLength(1);
  });
});

describe("stopping", () => {
  test("an attempt under way is given its time, then put back as if it had not been", async () => {
    await using at = await temporaryState();
    const entered = Promise.withResolvers<void>();
    const channel = told("c", (_context, signal) => {
      const { promise, resolve } = Promise.withResolvers<DeliveryResult>();
      entered.resolve();
      signal.addEventListener("abort", () => resolve({ ...later, mayHaveArrived: true }));
      return promise;
    });
    const carried = await carrying(at.state, { channels: [channel], limits: { closeBudgetMs: 5 } });
    const { id } = await enqueued(carried.outbox, words("a", { channel: "c" }));
    await entered.promise;
    await carried[Symbol.asyncDispose]();
    expect(await at.state.outbox.find(id)).toMatchObject({ status: "queued", attempts: 0 });
  });

  test("one that ends in time is marked", async () => {
    await using at = await temporaryState();
    const entered = Promise.withResolvers<void>();
    const answer = Promise.withResolvers<DeliveryResult>();
    const channel = told("c", () => {
      entered.resolve();
      return answer.promise;
    });
    const carried = await carrying(at.state, { channels: [channel] });
    const { id } = await enqueued(carried.outbox, words("a", { channel: "c" }));
    await entered.promise;
    const stopped = carried[Symbol.asyncDispose]();
    answer.resolve(sent);
    await stopped;
    expect(await at.state.outbox.find(id)).toMatchObject({ status: "sent" });
  });

  test("what waits for a channel that is gone at the next start fails with what to do", async () => {
    await using at = await temporaryState();
    const before = await carrying(at.state, { channels: [told("c", () => sent)], isOffline: true });
    const { id } = await enqueued(before.outbox, words("a", { channel: "c" }));
    await before[Symbol.asyncDispose]();
    const log = { info: () => undefined };
    const channels = [createConsole({ log, newId: () => "n" })];
    await using carried = await carrying(at.state, { channels });
    expect(await at.state.outbox.find(id)).toMatchObject({ status: "failed", attempts: 0 });
    expect(await carried.outbox.retry(id)).toMatchObject({ ok: false, code: "not_found" });
  });
});
