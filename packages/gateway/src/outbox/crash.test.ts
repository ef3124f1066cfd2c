import { expect, test } from "bun:test";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { accepts, inTurn, startReceiver } from "@carapace/channels/testing";
import { readLocalToken } from "@carapace/config/local-token";
import { openLink, type TestLink } from "../testing/link.ts";

const program = join(import.meta.dir, "testing", "child.ts");
const question = { message: "6*7?", sessionKey: "s", channel: "webhook", chatId: "c", deliver: true };

/** A state directory, and gateways in it that are killed one after the other. */
async function place(url: string) {
  const dir = await mkdtemp(join(tmpdir(), "carapace-replies-"));
  await writeFile(join(dir, "carapace.json"), JSON.stringify({ webhook: { url, allowPrivate: true } }), {
    mode: 0o600,
  });
  const running = new Set<Bun.Subprocess>();
  return {
    async start(): Promise<{ link: TestLink; kill(): Promise<void> }> {
      const child = Bun.spawn([process.execPath, "--no-env-file", program, dir, "six times seven is 42"], {
        stdout: "pipe",
        stderr: "inherit",
      });
      running.add(child);
      let address = "";
      for await (const chunk of child.stdout) {
        address = new TextDecoder().decode(chunk).trim();
        break;
      }
      const token = readLocalToken(dir);
      const link = await openLink(address, { token: token.ok ? (token.value ?? "") : "" });
      return {
        link,
        async kill() {
          child.kill("SIGKILL");
          await child.exited;
          running.delete(child);
        },
      };
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

test("a reply whose run has ended is delivered by the next process, once, though nobody had tried it", async () => {
  await using receiver = await startReceiver();
  await using at = await place(receiver.url);
  const first = await at.start();
  await first.link.call("channels.logout", { channel: "webhook" });
  await first.link.call("agent", { ...question, idempotencyKey: "r1" });
  expect(await first.link.ended("r1")).toMatchObject({ state: "final" });
  await first.kill();
  expect(receiver.requests).toEqual([]);
  const next = await at.start();
  await receiver.received(1);
  await next.link.call("agent", { ...question, idempotencyKey: "r1" });
  await next.link.call("agent", { ...question, idempotencyKey: "r2" });
  await receiver.received(2);
  await next.kill();
  expect(Object.values(receiver.counts())).toEqual([1, 1]);
  expect(receiver.requests[0]?.json).toEqual({ to: "c", text: "six times seven is 42" });
});

test("a reply that the receiver had when the process died comes again with the same key", async () => {
  await using receiver = await startReceiver(inTurn(() => undefined, accepts));
  await using at = await place(receiver.url);
  const first = await at.start();
  await first.link.call("agent", { ...question, idempotencyKey: "r1" });
  await receiver.received(1);
  await first.kill();
  const next = await at.start();
  await receiver.received(2);
  await next.kill();
  expect(Object.values(receiver.counts())).toEqual([2]);
});
