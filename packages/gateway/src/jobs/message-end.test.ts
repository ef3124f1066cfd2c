import { expect, test } from "bun:test";
import type { OutboxMessage } from "@carapace/state";
import { temporaryState } from "@carapace/state/testing";
import { messageEnd } from "./message-end.ts";

const forever = new AbortController().signal;

async function bench() {
  const temporary = await temporaryState();
  const { outbox } = temporary.state;
  const idempotencyKey = "task-deliver:a:1";
  const message = { channel: "webhook", to: "me", parts: [{ type: "text", text: "hi" }] } as const;
  const added = await outbox.add(
    { ...message, parts: [...message.parts], source: { kind: "task" }, idempotencyKey },
    { id: "m", nowMs: 1000 },
  );
  if (added.kind !== "added") throw new Error(added.kind);
  const listeners = new Set<() => void>();
  const follow = (_id: string, listener: (ended: OutboxMessage) => void) => {
    const heard = () => listener(added.message);
    listeners.add(heard);
    return { [Symbol.dispose]: () => void listeners.delete(heard) };
  };
  return {
    ...{ outbox, idempotencyKey, listeners, follow },
    async end(status: "sent" | "failed") {
      await outbox.save({ ...added.message, status, updatedAtMs: 2000 });
      for (const heard of listeners) heard();
    },
    [Symbol.asyncDispose]: () => temporary[Symbol.asyncDispose](),
  };
}

test("a message that ended long ago is found, though its key stands for it no more", async () => {
  await using at = await bench();
  await at.end("sent");
  const days = 5 * 86_400_000;
  expect(await at.outbox.findByKey(at.idempotencyKey, 2000 + days)).toBeUndefined();
  expect(await messageEnd(at.idempotencyKey, at, forever)).toMatchObject({ id: "m", status: "sent" });
});

test("one that is on its way is waited for, and nobody listens afterwards", async () => {
  await using at = await bench();
  const ended = messageEnd(at.idempotencyKey, { outbox: { ...at.outbox, follow: at.follow } }, forever);
  await at.end("failed");
  expect(await ended).toMatchObject({ status: "failed" });
  expect(at.listeners.size).toBe(0);
});

test("nobody waits where there is no message, or once the signal has fired", async () => {
  await using at = await bench();
  expect(await messageEnd("another", at, forever)).toBeUndefined();
  expect(await messageEnd(at.idempotencyKey, at, AbortSignal.abort())).toBeUndefined();
});
