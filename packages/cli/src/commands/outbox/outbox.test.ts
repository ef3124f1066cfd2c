import { expect, test } from "bun:test";
import { startTestGateway, type TestGateway } from "@carapace/gateway/testing";
import { emptyHome, type Home, type Ran, runCara } from "../../../testing/cara.ts";
import { freePort } from "../../../testing/port.ts";
import { openScreen } from "../../../testing/terminal.ts";
import type { ShownMessage } from "./ask.ts";
import { messageLine, messageTable } from "./describe.ts";

const uncertain = "11111111-1111-4111-8111-111111111111";

/** A home in which a process died while it sent a message to the console. */
async function afterCrash(home: Home): Promise<void> {
  Object.assign(home.env, { CARAPACE_STATE_DIR: home.folder });
  const { openState, systemStateKeys } = await import("@carapace/state");
  const env = { CARAPACE_CREDENTIAL_STORE: "off" };
  const keys = systemStateKeys({ dir: home.folder, env, nowMs: Date.now, password: undefined });
  await using state = await openState({ dir: home.folder, keys, newId: () => crypto.randomUUID() });
  const parts = [{ type: "text" as const, text: "two\nlines \u202e" }];
  const message = { channel: "console", to: "me", parts, source: { kind: "send" } };
  const added = await state.outbox.add(message, { id: uncertain, nowMs: Date.now() });
  if (added.kind === "added") await state.outbox.save({ ...added.message, status: "sending", attempts: 1 });
}

interface Lived extends AsyncDisposable {
  readonly gateway: TestGateway;
  readonly env: Record<string, string>;
  run(...words: string[]): Promise<Ran>;
  port: string;
}

async function lived(): Promise<Lived> {
  const home = emptyHome();
  await afterCrash(home);
  const gateway = await startTestGateway({ stateDir: home.folder });
  const port = String(gateway.gateway.port);
  return {
    gateway,
    port,
    env: home.env,
    run: (...words) => runCara(["outbox", ...words, "-p", port], { home }),
    async [Symbol.asyncDispose]() {
      await gateway[Symbol.asyncDispose]();
      home[Symbol.dispose]();
    },
  };
}

test("a message is sent, shown in the table and as JSON, and its key stands for it", async () => {
  await using at = await lived();
  const words = ["send", "--channel", "console", "--to", "me", "--key", "k"];
  const sent = await at.run(...words, "look", "here");
  expect(sent).toMatchObject({ code: 0, stderr: "" });
  expect(sent.stdout).toMatch(/^\S{36}: sent, over console to me: look here\n$/);
  expect((await at.run(...words, "look", "here")).stdout).toBe(sent.stdout);
  const table = await at.run("list");
  expect(table.stdout.split("\n")[0]).toMatch(/^ID +CHANNEL +TO +STATUS +TRIES +CREATED \(UTC\) +TEXT$/);
  expect(table.stdout).toContain("1/3");
  expect(table.stdout).toContain("Of all channels: 1 sent, 1 failed.");
  const failed = await at.run("list", "--status", "failed", "--channel", "Console", "--json");
  expect(JSON.parse(failed.stdout)).toMatchObject({
    messages: [{ id: uncertain, status: "failed", mayHaveGoneOut: true }],
    counts: { failed: 1 },
  });
  expect((await at.run("list", "--status", "queued")).stdout).toStartWith("No messages are queued.");
});

test("what cannot be sent is refused, and nothing is queued", async () => {
  await using at = await lived();
  expect(await at.run("send", "hello")).toMatchObject({ code: 1, stderr: "Error: say who gets it: --to\n" });
  const unknown = await at.run("send", "--to", "me", "--channel", "smoke", "hello");
  expect(unknown).toMatchObject({ code: 1, stdout: "" });
  expect(unknown.stderr).toContain('no channel "smoke" is set up');
  expect((await at.run("send", "--to", "me", "hello")).code).toBe(1);
  expect((await at.run("list", "--status", "queued")).stdout).toStartWith("No messages");
});

test("one that may have gone out is sent again only by somebody who says so", async () => {
  await using at = await lived();
  const refused = await at.run("retry", uncertain);
  expect(refused).toMatchObject({ code: 1, stdout: "" });
  expect(refused.stderr).toContain("--yes");
  expect((await at.run("list")).stdout).toContain("failed");
  const retried = await at.run("retry", uncertain, "--yes");
  expect(retried).toMatchObject({ code: 0, stderr: "" });
  expect(retried.stdout).toStartWith(`${uncertain}: queued`);
  expect((await at.run("retry", "nobody", "--yes")).stderr).toContain("cara outbox list");
});

test("on a terminal it asks, and a no leaves all as it is", async () => {
  await using at = await lived();
  for (const [words, answer, code] of [
    [["retry", uncertain], "n\r", 1],
    [["drop", uncertain], "\r", 1],
    [["drop", uncertain], "y\r", 0],
  ] as const) {
    await using screen = openScreen(["outbox", ...words, "-p", at.port], at.env);
    await screen.until("[y/N]");
    screen.type(answer);
    expect(await screen.exited).toBe(code);
  }
  expect((await at.run("list", "--json")).stdout).toContain('"status": "cancelled"');
});

test("one is dropped in a script with --yes, once", async () => {
  await using at = await lived();
  expect(await at.run("drop", uncertain)).toMatchObject({ code: 1, stdout: "" });
  const dropped = await at.run("drop", uncertain, "--yes", "--json");
  expect(JSON.parse(dropped.stdout)).toMatchObject({ message: { status: "cancelled" } });
  const again = await at.run("drop", uncertain, "--yes");
  expect(again).toMatchObject({ code: 1, stdout: "" });
  expect(again.stderr).toContain("was dropped");
});

test("without a gateway each says so", async () => {
  using home = emptyHome();
  const port = String(await freePort());
  for (const words of [["list"], ["retry", "x"], ["drop", "x"], ["send", "--to", "me", "x"]]) {
    const ran = await runCara(["outbox", ...words, "-p", port], { home });
    expect(ran).toMatchObject({ code: 1, stdout: "" });
    expect(ran.stderr).toContain("Error: ");
  }
});

test("texts of others cannot break out of their row, and times are told in words", () => {
  const message: ShownMessage = {
    ...{ id: "i", channel: "c", to: "a\nb", status: "queued", preview: `x\u001b[2J${"y".repeat(60)}` },
    ...{ parts: 1, partsSent: 0, attempts: 1, maxAttempts: 8, createdAtMs: 0, updatedAtMs: 0 },
    ...{ source: { kind: "run" }, lastError: "HTTP\n503", nextAttemptAtMs: 5000, expiresAtMs: 7_300_000 },
  };
  const lines = messageTable([message], 0).split("\n");
  expect(lines).toHaveLength(5);
  expect(lines.slice(2)).toEqual(["  HTTP 503", "  tried again in 5 s", "  not sent any more in 2 h"]);
  expect(messageTable([message], 6000)).toContain("tried again now");
  const held = messageTable([{ ...message, waitsFor: "the channel c is paused" }], 6000);
  expect(held).toContain("  waits: the channel c is paused");
  expect(held).not.toContain("tried again");
  expect(`${lines.join("")}${messageLine(message)}`).not.toContain("\u001b");
});
