import { expect, test } from "bun:test";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { startTestGateway } from "../testing/index.ts";
import { taskCaller, until } from "./testing/call.ts";

const config = { gateway: { control: { enabled: true } } };

test("a task whose run goes on when the gateway stops is gone on with by the next one, in the same run", async () => {
  const stateDir = await mkdtemp(join(tmpdir(), "carapace-tasks-"));
  try {
    const asked = Promise.withResolvers<void>();
    const stuck = { text: "half a", before: () => asked.resolve(), hang: true };
    const first = await startTestGateway({
      config,
      stateDir,
      replies: [stuck],
      times: { drainBudgetMs: 10 },
    });
    const { id } = (await taskCaller(first)("POST", "", { payload: { kind: "agentTurn", message: "do it" } }))
      .task;
    await asked.promise;
    await first[Symbol.asyncDispose]();
    await using second = await startTestGateway({ config, stateDir, replies: ["all of it"] });
    const done = await until(taskCaller(second), id, "done");
    expect(done).toMatchObject({ attempts: 1, runIds: [`task:${id}:1`] });
    using link = await second.connect();
    const { payload } = await link.call("chat.history", { sessionKey: `cron:${id}` });
    expect(payload["messages"]).toMatchObject([{ role: "user" }, { role: "assistant" }]);
  } finally {
    await rm(stateDir, { recursive: true, force: true });
  }
});
