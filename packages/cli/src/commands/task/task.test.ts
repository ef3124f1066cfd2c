import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { startTestGateway, type TestGateway } from "@carapace/gateway/testing";
import { emptyHome, type Home, runCara } from "../../../testing/cara.ts";
import { freePort } from "../../../testing/port.ts";
import { describeTask, taskTable } from "./describe.ts";

let gateway: TestGateway;
let home: Home;

beforeAll(async () => {
  gateway = await startTestGateway({
    config: { gateway: { control: { enabled: true } } },
    replies: ["All sorted."],
  });
  home = emptyHome();
  Object.assign(home.env, { CARAPACE_GATEWAY_TOKEN: gateway.token });
});
afterAll(async () => {
  home[Symbol.dispose]();
  await gateway[Symbol.asyncDispose]();
});

const cara = (words: readonly string[], stdin?: string) =>
  runCara([...words, "-p", String(gateway.gateway.port)], {
    home,
    ...(stdin === undefined ? {} : { stdin }),
  });

const later = ["--next-run-at-ms", "99999999999999"];
const payload = { kind: "agentTurn", message: "from a file" };

async function create(...words: string[]) {
  const ran = await cara(["task", "create", ...words]);
  expect(ran).toMatchObject({ code: 0, stderr: "" });
  return JSON.parse(ran.stdout).task;
}

describe("a task from the command line", () => {
  test("is made, listed, shown, changed, cancelled and retried; a script gets the gateway's JSON, sorted", async () => {
    const made = await create("--message", "sort it", "--max-turns", "7", "--max-cost-usd", "0.5", ...later);
    expect(made).toMatchObject({
      ...{ state: "queued", payload: { kind: "agentTurn", message: "sort it" } },
      policy: { maxTurns: 7, maxCostUsd: 0.5 },
    });
    const listed = await cara(["task", "list", "--state", "queued"]);
    expect(JSON.parse(listed.stdout)).toMatchObject({ ok: true, total: 1, tasks: [{ id: made.id }] });
    expect(Object.keys(JSON.parse(listed.stdout))).toEqual(["ok", "tasks", "total"]);
    const shown = await cara(["task", "get", ` ${made.id} `]);
    expect(JSON.parse(shown.stdout).task.id).toBe(made.id);
    const changed = await cara(["task", "update", made.id, "--max-attempts", "3", "--reason", "less"]);
    expect(JSON.parse(changed.stdout).task).toMatchObject({ policy: { maxAttempts: 3 }, lastError: "less" });
    const cancelled = await cara(["task", "cancel", made.id]);
    expect(JSON.parse(cancelled.stdout).task.state).toBe("cancelled");
    const retried = await cara(["task", "retry", made.id, "--delay-ms", "9000000"]);
    expect(JSON.parse(retried.stdout).task).toMatchObject({ state: "retry_wait" });
    expect((await cara(["task", "cancel", made.id, "--json"])).code).toBe(0);
  });

  test("takes its payload from a file or from standard input", async () => {
    const path = join(home.folder, "task.json");
    writeFileSync(path, JSON.stringify(payload));
    expect(await create("--payload", `@${path}`, ...later)).toMatchObject({ payload });
    const piped = await cara(["task", "create", "--payload", "-", ...later], JSON.stringify(payload));
    expect(JSON.parse(piped.stdout).task).toMatchObject({ payload });
  });

  test("is the same one for the same key, and waits for those it depends on", async () => {
    const first = await create("-m", "one", "--idempotency-key", "k", ...later);
    expect((await create("-m", "one", "--idempotency-key", "k", ...later)).id).toBe(first.id);
    expect(await create("-m", "two", "--depends-on", first.id)).toMatchObject({ waitingFor: [first.id] });
  });

  test("is watched until it is done", async () => {
    const { id } = await create("-m", "sort it now");
    const watched = await cara(["task", "watch", id]);
    expect(watched.code).toBe(0);
    expect(watched.stdout).toMatch(/done: Done after one attempt\.\n$/);
    const stopped = await create("-m", "never", ...later);
    await cara(["task", "cancel", stopped.id, "--reason", "no"]);
    const again = await cara(["task", "watch", stopped.id, "--json"]);
    expect([again.code, JSON.parse(again.stdout).state]).toEqual([1, "cancelled"]);
  });
});

describe("what does not work says why, and ends with 1", () => {
  test.each([
    [["get", "nobody"], "Task not found (HTTP 404)"],
    [["get", "../status"], "Task not found (HTTP 404)"],
    [["get", "a/b?c#d%"], "Task not found (HTTP 404)"],
    [["get", " "], "the task's id is blank"],
    [["resume", "nobody"], "(HTTP 404)"],
    [["watch", "nobody"], "Task not found"],
    [["create"], "either as --message or as --payload"],
    [["create", "-m", "x", "--payload", "{}"], "either as --message or as --payload"],
    [["create", "-m", "x", "--to", "me"], "--channel and --to belong together"],
    [["create", "--payload", "[]"], "must be a JSON object"],
    [["create", "--payload", "{"], "must be a JSON object"],
    [["create", "--payload", "@/nowhere/task.json"], "cannot be read (ENOENT)"],
    [["create", "--payload", '{"kind":"what"}'], "invalid payload: kind"],
    [["create", "-m", "x", "--max-cost-usd", "much"], "--max-cost-usd must be a number"],
    [["update", "x"], "there is nothing to change: give at least one of --payload"],
    [["list", "--state", "waiting"], 'there is no state "waiting"; there are queued'],
  ])("cara task %j", async (words, say) => {
    const ran = await cara(["task", ...words]);
    expect([ran.code, ran.stdout]).toEqual([1, ""]);
    expect(ran.stderr).toContain(`Error: `);
    expect(ran.stderr).toContain(say);
  });

  test("a task in the wrong state", async () => {
    const { id } = await create("-m", "x", ...later);
    const ran = await cara(["task", "resume", id]);
    expect(ran).toMatchObject({ code: 1, stdout: "" });
    expect(ran.stderr).toContain("is queued and cannot be resumed (HTTP 409)");
  });

  test("a credential does not leave this machine", async () => {
    const ran = await cara(["task", "list", "--host", "192.0.2.1"]);
    expect(ran).toMatchObject({ code: 1, stdout: "" });
    expect(ran.stderr).toContain("ssh -L");
    expect(ran.stderr).not.toContain(gateway.token);
  });

  test("a gateway that does not serve the control API, or none at all", async () => {
    await using off = await startTestGateway();
    const port = String(off.gateway.port);
    const env = { CARAPACE_GATEWAY_TOKEN: off.token };
    const ran = await runCara(["task", "list", "-p", port], { home, env });
    expect(ran.stderr).toContain("cara config set gateway.control.enabled true");
    await off.gateway.close("gone");
    const gone = await runCara(["task", "list", "-p", port], { home, env });
    expect(gone).toMatchObject({ code: 1 });
    expect(gone.stderr).toContain("Start it with: cara start");
  });

  test("the control API may be used in the line after it was switched on", async () => {
    using own = emptyHome();
    const port = await freePort();
    mkdirSync(own.stateDir, { recursive: true, mode: 0o700 });
    const file = join(own.stateDir, "carapace.json");
    writeFileSync(file, JSON.stringify({ gateway: { port } }), { mode: 0o600 });
    await using _running = await startTestGateway({ stateDir: own.stateDir, port });
    const set = await runCara(["config", "set", "gateway.control.enabled", "true"], { home: own });
    expect(set.code).toBe(0);
    expect(await runCara(["task", "list"], { home: own })).toMatchObject({ code: 0 });
  });

  test("a word too many, or a number that is none, is wrong usage", async () => {
    expect((await cara(["task", "create", "-m", "x", "--max-turns", "1001"])).code).toBe(2);
    expect((await cara(["task", "get"])).code).toBe(2);
  });
});

test("a table has a row a task, none wider than the terminal, whatever stands in it", () => {
  const task = {
    id: "a",
    state: "queued",
    attempts: 0,
    nextRunAtMs: 61_000,
    payload: { message: "x\ny\u001b[31m" },
  };
  const table = taskTable([task, "no task", { ...task, payload: { message: "word ".repeat(50) } }], {
    nowMs: 1000,
    width: 40,
  });
  const lines = table.split("\n");
  expect(lines[0]).toBe("ID  STATE   TRIES  NEXT      WHAT");
  expect(lines[1]).toBe("a   queued  0      in 1 min  x y[31m");
  expect(lines).toHaveLength(3);
  for (const line of lines) expect(line.length).toBeLessThanOrEqual(40);
});

test("a task is told in lines, without what is not known", () => {
  const told = describeTask(
    { id: "a", state: "blocked", blockedReason: "config_missing", status: "Waits.", attempts: 1, policy: {} },
    0,
  );
  expect(told).toBe("Task:      a\nState:     blocked, config_missing\nStatus:    Waits.\nAttempts:  1");
});
