import { expect, test } from "bun:test";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readLocalToken } from "@carapace/config/local-token";
import { isRecord } from "@carapace/protocol";
import { fileKeyStore, openState, type State } from "@carapace/state";

/** The same numbers each time. */
function seeded(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
    return state / 2_147_483_648;
  };
}

async function startChild(stateDir: string) {
  const child = Bun.spawn(
    [process.execPath, "--no-env-file", join(import.meta.dir, "testing", "crash-child.ts"), stateDir],
    { stdin: "ignore", stdout: "pipe", stderr: "inherit" },
  );
  const { value } = await child.stdout.getReader().read();
  const port = Number(new TextDecoder().decode(value));
  if (!(port > 0)) throw new Error(`the gateway did not start: ${new TextDecoder().decode(value)}`);
  const token = readLocalToken(stateDir);
  const headers = { Authorization: `Bearer ${token.ok ? token.value : ""}` };
  return {
    async create(message: string): Promise<string | undefined> {
      const answer = await fetch(`http://127.0.0.1:${port}/control/tasks`, {
        ...{ method: "POST", headers },
        body: JSON.stringify({ payload: { kind: "agentTurn", message } }),
      }).catch(() => undefined);
      const body: unknown = answer?.status === 201 ? await answer.json().catch(() => undefined) : undefined;
      const task = isRecord(body) ? body["task"] : undefined;
      return isRecord(task) ? String(task["id"]) : undefined;
    },
    async openTasks(): Promise<number> {
      const counts = ["queued", "running", "retry_wait", "blocked"].map(async (state) => {
        const answer = await fetch(`http://127.0.0.1:${port}/control/tasks?state=${state}&limit=1`, {
          headers,
        });
        const body: unknown = await answer.json();
        return isRecord(body) ? Number(body["total"]) : 0;
      });
      return (await Promise.all(counts)).reduce((sum, count) => sum + count, 0);
    },
    async end(signal: "SIGKILL" | "SIGTERM"): Promise<void> {
      child.kill(signal);
      await child.exited;
    },
  };
}

/** How often each run's message stands in its conversation. */
async function messagesOf(state: State, runId: string): Promise<number> {
  const run = await state.runs.find(runId);
  if (run === undefined) return 0;
  const history = await state.sessions.history(run.sessionId, {});
  return history.filter((message) => message.role === "user" && message.runId === run.id).length;
}

test("a gateway that is killed again and again loses no task and runs none twice", async () => {
  const stateDir = await mkdtemp(join(tmpdir(), "carapace-tasks-"));
  try {
    const config = JSON.stringify({ gateway: { control: { enabled: true } } });
    await writeFile(join(stateDir, "carapace.json"), config, { mode: 0o600 });
    const random = seeded(4);
    const acknowledged: string[] = [];
    for (let round = 0; round < 4; round += 1) {
      const child = await startChild(stateDir);
      const creating = Array.from({ length: 6 }, (_, n) => child.create(`task ${round}.${n}`));
      // Where in the work of some tasks it dies is up to chance; each time is another.
      await Promise.race([Promise.all(creating), Bun.sleep(10 + random() * 120)]);
      await Bun.sleep(random() * 60);
      await child.end("SIGKILL");
      acknowledged.push(...(await Promise.all(creating)).filter((id) => id !== undefined));
    }
    const last = await startChild(stateDir);
    while ((await last.openTasks()) > 0) await Bun.sleep(20);
    await last.end("SIGTERM");
    expect(acknowledged.length).toBeGreaterThan(6);
    const newId = () => crypto.randomUUID();
    await using state = await openState({ dir: stateDir, keys: fileKeyStore(stateDir), newId });
    expect(await state.verify()).toEqual([]);
    const tasks = await state.tasks.list("tasks");
    for (const id of acknowledged) expect(tasks.find((task) => task.id === id)).toBeDefined();
    for (const { id, state: how, attempts } of tasks) {
      expect({ id, how, attempts }).toEqual({ id, how: "done", attempts: 1 });
      expect(await messagesOf(state, `task:${id}:1`)).toBe(1);
      expect(await state.runs.find(`task:${id}:1`)).toMatchObject({ status: "completed" });
      expect(await state.runs.find(`task:${id}:2`)).toBeUndefined();
    }
  } finally {
    await rm(stateDir, { recursive: true, force: true });
  }
}, 60_000);
