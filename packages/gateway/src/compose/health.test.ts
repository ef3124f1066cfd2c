import { expect, test } from "bun:test";
import { rm } from "node:fs/promises";
import type { HealthResult } from "@carapace/protocol";
import { type Damage, fileKeyStore } from "@carapace/state";
import { rawDatabase } from "@carapace/state/testing";
import { startTestGateway } from "../testing/index.ts";
import type { EventHub } from "../types.ts";
import { createHealth } from "./health.ts";

const damage = (name: string): Damage => ({ scope: "session", name, say: `${name} is damaged.` });

/** A health over damage that the test sets. */
function bench() {
  const told: HealthResult[] = [];
  const logged: string[] = [];
  const found: Damage[] = [];
  const ignore = () => undefined;
  const publish: EventHub["publish"] = (_event, payload) => void told.push(payload as HealthResult);
  const health = createHealth({
    startedAtMs: 1,
    hub: { publish, counters: () => ({ connectionCount: 0, broadcastDropTotal: 0 }) },
    log: {
      debug: ignore,
      info: ignore,
      warn: ignore,
      error: (_message, fields) => void logged.push(String(fields?.["name"])),
    },
  });
  health.watch({ damage: () => found });
  return { health, told, logged, found };
}

const looked = () => new Promise((done) => setImmediate(done));

test("a change of the status is told once, each damage is logged once", async () => {
  const { health, told, logged, found } = bench();
  await looked();
  expect(told).toEqual([]);
  found.push(damage("a"));
  health.changed();
  health.changed();
  await looked();
  found.push(damage("b"));
  health.changed();
  await looked();
  expect(told.map(({ status }) => status)).toEqual(["degraded"]);
  expect(logged).toEqual(["a", "b"]);
  found.length = 0;
  health.changed();
  await looked();
  expect(told.map(({ status }) => status)).toEqual(["degraded", "healthy"]);
});

test("while the disk takes no more the gateway is degraded and says why, until a write succeeds", async () => {
  const { health, told, found } = bench();
  health.writeRefused("The disk is full.");
  found.push(damage("a"));
  expect(health.now()).toMatchObject({ status: "degraded", reasons: ["The disk is full.", "a is damaged."] });
  await looked();
  health.writeDone();
  found.length = 0;
  health.changed();
  await looked();
  expect(told.map(({ status }) => status)).toEqual(["degraded", "healthy"]);
});

test("ten reasons are named, the others are counted", () => {
  const { health, found } = bench();
  found.push(...Array.from({ length: 13 }, (_, index) => damage(`s${index}`)));
  const { reasons = [] } = health.now();
  expect(reasons).toHaveLength(11);
  expect(reasons.at(-1)).toBe("3 more: the log names them");
});

test("damage done while the gateway was away is found after the start, told, logged and shown", async () => {
  await using first = await startTestGateway({ replies: ["hi"] });
  using before = await first.connect();
  await before.call("chat.send", { message: "a", sessionKey: "s", idempotencyKey: "a" });
  await before.ended("a");
  await first.gateway.close("test");
  const raw = await rawDatabase(first.stateDir, fileKeyStore(first.stateDir));
  raw.exec("UPDATE messages SET content = replace(content, 'hi', 'ho')");
  raw.close();
  await using second = await startTestGateway({
    stateDir: first.stateDir,
    replies: ["hi"],
    times: { verifyAfterMs: 50 },
  });
  using link = await second.connect();
  const told = await link.event("health");
  expect(told).toMatchObject({ status: "degraded" });
  expect((await link.call("health")).payload).toMatchObject({ status: "degraded", reasons: told["reasons"] });
  expect((await link.call("status")).payload).toMatchObject({ status: "ok", health: "degraded" });
  const log = await link.call("logs.tail", { pattern: "^state$", level: "error" });
  expect(JSON.stringify(log.payload)).toContain("stored data is damaged");
  const frame = link.client.frames.find((one) => one["event"] === "health");
  expect(frame?.["stateVersion"]).toMatchObject({ health: 1 });
  const refused = await link.call("chat.send", { message: "b", sessionKey: "s", idempotencyKey: "b" });
  expect(String(refused.message)).toContain("It can be read, but not continued");
  await rm(second.stateDir, { recursive: true, force: true });
});

test("a sound state is verified after the start without anybody hearing of it", async () => {
  await using test = await startTestGateway({ times: { verifyAfterMs: 0 } });
  using link = await test.connect();
  const verified = async (): Promise<boolean> => {
    const { payload } = await link.call("logs.tail", { pattern: "^state$" });
    return JSON.stringify(payload).includes("stored data was verified");
  };
  while (!(await verified())) await looked();
  expect((await link.call("health")).payload["status"]).toBe("healthy");
  expect(link.events("health")).toEqual([]);
});
