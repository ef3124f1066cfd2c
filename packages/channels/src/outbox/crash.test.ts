import { expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type OutboxMessage, openState, systemStateKeys } from "@carapace/state";
import { accepts, inTurn, startReceiver } from "../testing/receiver.ts";

const program = join(import.meta.dir, "..", "testing", "crash-child.ts");

interface Asked {
  readonly url: string;
  readonly channel?: string;
  readonly text?: string;
  readonly isOffline?: boolean;
}

/** A directory in which processes follow each other, all of which are killed. */
async function place() {
  const dir = await mkdtemp(join(tmpdir(), "carapace-outbox-"));
  const running = new Set<Bun.Subprocess>();
  return {
    /** @returns the id of its message, once it is acknowledged */
    async start({ url, channel = "webhook", text = "", isOffline = false }: Asked) {
      const args = [dir, url, channel, text, isOffline ? "offline" : ""];
      const child = Bun.spawn([process.execPath, "--no-env-file", program, ...args], {
        stdout: "pipe",
        stderr: "inherit",
      });
      running.add(child);
      let id = "";
      if (text !== "") {
        for await (const chunk of child.stdout) {
          id = new TextDecoder().decode(chunk).trim();
          break;
        }
      }
      return {
        id,
        async kill() {
          child.kill("SIGKILL");
          await child.exited;
          running.delete(child);
        },
      };
    },
    /** What is stored, as the next process would find it. */
    async stored(id: string): Promise<OutboxMessage | undefined> {
      const env = { CARAPACE_CREDENTIAL_STORE: "off" };
      const keys = systemStateKeys({ dir, env, nowMs: Date.now, password: undefined });
      await using state = await openState({ dir, keys, newId: () => crypto.randomUUID() });
      return await state.outbox.find(id);
    },
    async [Symbol.asyncDispose]() {
      for (const child of running) {
        child.kill("SIGKILL");
        await child.exited;
      }
      await rm(dir, { recursive: true, force: true });
    },
  };
}

const hangs = () => undefined;

test("killed after it was acknowledged and before it was tried: the next process sends it", async () => {
  await using receiver = await startReceiver();
  await using at = await place();
  const { url } = receiver;
  const first = await at.start({ url, text: "hello", isOffline: true });
  await first.kill();
  expect(await at.stored(first.id)).toMatchObject({ status: "queued", attempts: 0 });
  const next = await at.start({ url });
  await receiver.received(1);
  await next.kill();
  expect(receiver.counts()).toEqual({ [first.id]: 1 });
});

test("killed when the receiver had it and nobody had heard so: it comes again with the same key, and before the next", async () => {
  await using receiver = await startReceiver(inTurn(hangs, accepts));
  await using at = await place();
  const { url } = receiver;
  const first = await at.start({ url, text: "one" });
  await receiver.received(1);
  await first.kill();
  expect(await at.stored(first.id)).toMatchObject({ status: "sending", attempts: 1 });
  const next = await at.start({ url, text: "two" });
  await receiver.received(3);
  await next.kill();
  expect(receiver.counts()).toEqual({ [first.id]: 2, [next.id]: 1 });
  expect(receiver.requests.map(({ json }) => json.text)).toEqual(["one", "one", "two"]);
});

test("killed while it was being sent where repetitions are not dropped: it is not sent again, and says why", async () => {
  await using receiver = await startReceiver(inTurn(hangs, accepts));
  await using at = await place();
  const { url } = receiver;
  const channel = "forgetful";
  const first = await at.start({ url, channel, text: "one" });
  await receiver.received(1);
  await first.kill();
  const next = await at.start({ url, channel, text: "two" });
  await receiver.received(2);
  await next.kill();
  expect(receiver.counts()).toEqual({ [first.id]: 1, [next.id]: 1 });
  const stored = await at.stored(first.id);
  expect(stored).toMatchObject({ status: "failed", mayHaveGoneOut: true });
  expect(stored?.lastError).toContain(`It may have gone out`);
  expect(stored?.lastError).toContain(`cara outbox retry ${first.id}`);
});

test("a message that no process survives is given up in the end", async () => {
  await using receiver = await startReceiver(hangs);
  await using at = await place();
  const { url } = receiver;
  const first = await at.start({ url, text: "one" });
  await receiver.received(1);
  await first.kill();
  for (let start = 2; start <= 5; start++) {
    const next = await at.start({ url });
    await receiver.received(start);
    await next.kill();
  }
  const last = await at.start({ url, text: "two" });
  await receiver.received(6);
  await last.kill();
  expect(receiver.counts()).toEqual({ [first.id]: 5, [last.id]: 1 });
  expect(await at.stored(first.id)).toMatchObject({ status: "failed", interruptions: 5 });
});
