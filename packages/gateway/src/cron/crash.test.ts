import { expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { readLocalToken } from "@carapace/config/local-token";
import { isRecord } from "@carapace/protocol";
import { openLink, type TestLink } from "../testing/index.ts";

interface Child extends AsyncDisposable {
  readonly link: TestLink;
  kill(): Promise<void>;
}

async function start(stateDir: string): Promise<Child> {
  const file = join(import.meta.dir, "testing", "crash-child.ts");
  const child = Bun.spawn([process.execPath, "--no-env-file", file, stateDir], {
    ...{ stdin: "ignore", stdout: "pipe", stderr: "inherit" },
  });
  const { value } = await child.stdout.getReader().read();
  const url = new TextDecoder().decode(value).trim();
  if (!url.startsWith("ws:")) throw new Error(`the gateway did not start: ${url}`);
  const token = readLocalToken(stateDir);
  const link = await openLink(url, { token: token.ok ? (token.value ?? "") : "" });
  const kill = async () => {
    child.kill("SIGKILL");
    await child.exited;
    link[Symbol.dispose]();
  };
  return { link, kill, [Symbol.asyncDispose]: kill };
}

function rows(payload: Record<string, unknown>, name: string): Record<string, unknown>[] {
  const list = payload[name];
  return Array.isArray(list) ? list.filter(isRecord) : [];
}

const everyMs = 1000;

test("a job that makes up for every time runs each exactly once, however often the gateway is killed", async () => {
  const dir = await mkdtemp(join(tmpdir(), "carapace-cron-"));
  try {
    let child = await start(dir);
    const added = await child.link.call("cron.add", {
      ...{ name: "tick", schedule: { kind: "every", everyMs }, missed: "all", sessionTarget: "isolated" },
      payload: { kind: "agentTurn", message: "tick" },
    });
    const { id: jobId } = Object(added.payload["job"]);
    // From the middle of a turn to the moment between two.
    for (const waitMs of [1030, 1210, 15, 1022, 605]) {
      await Bun.sleep(waitMs);
      await child.kill();
      child = await start(dir);
    }
    const { link } = child;
    await link.event("cron", ({ status }) => status === "completed");
    await link.call("cron.update", { jobId, enabled: false });
    const history = async () =>
      rows((await link.call("cron.runs", { limit: 1000, includeRunning: true })).payload, "runs");
    while ((await history()).some(({ action }) => action === "started")) await Bun.sleep(10);
    const runs = await history();
    expect(runs.map(({ status }) => status).filter((status) => status !== "ok")).toEqual([]);
    const planned = runs.map(({ runId }) => Number(String(runId).split(":").at(-1))).sort((a, b) => a - b);
    expect(planned.length).toBeGreaterThan(3);
    expect(planned).toEqual(planned.map((_, index) => (planned[0] ?? 0) + index * everyMs));
    const { payload } = await link.call("chat.history", { sessionKey: `cron:${jobId}`, limit: 500 });
    const asked = rows(payload, "messages").filter(({ role }) => role === "user");
    expect(asked).toHaveLength(runs.length);
    const main = await link.call("chat.history", { sessionKey: "main", limit: 500 });
    expect(rows(main.payload, "messages")).toHaveLength(runs.length);
    await child.kill();
  } finally {
    await rm(dir, { recursive: true, force: true });
  }
}, 30_000);
