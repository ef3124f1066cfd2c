import { expect, test } from "bun:test";
import { startTestGateway } from "@carapace/gateway/testing";
import { emptyHome, runCara } from "../../../testing/cara.ts";

test("jobs are added, shown with their next times, run, changed and removed", async () => {
  await using gateway = await startTestGateway({ replies: ["Nothing new."] });
  using home = emptyHome();
  const env = { CARAPACE_STATE_DIR: gateway.stateDir, TZ: "Europe/Berlin" };
  const port = String(gateway.gateway.port);
  const cron = (...words: string[]) => runCara(["cron", ...words, "--port", port], { home, env });
  expect((await cron("list")).stdout).toBe("There are no scheduled jobs: cara cron add makes one.\n");
  const added = await cron("add", "--cron", "0 9 * * mon", "-m", "What is new?", "-n", "news", "--json");
  expect(added.code).toBe(0);
  const { job } = JSON.parse(added.stdout);
  expect(job).toMatchObject({ name: "news", sessionTarget: "isolated", schedule: { tz: "Europe/Berlin" } });
  expect(job.upcoming).toHaveLength(5);
  const shown = (await cron("list", job.id.slice(0, 8))).stdout;
  expect(shown).toContain("Schedule: 0 9 * * 1 (Europe/Berlin)\nState: on\nMessage: What is new?");
  expect(shown.match(/ {2}\d{4}-\d{2}-\d{2} 09:00 \(in \d+ d\)/g)?.length).toBeGreaterThanOrEqual(4);
  using link = await gateway.connect();
  expect((await cron("run", "news")).stdout).toStartWith("Started: news (run cron:");
  await link.event("cron", ({ status }) => status === "completed");
  const history = (await cron("history", "news")).stdout;
  expect(history).toMatch(/news +ok +manual/);
  expect(history).toContain("  Nothing new.");
  expect((await cron("run", "news", "--due")).stderr).toBe("Error: it is not due yet\n");
  expect((await cron("edit", "news", "--every", "3h", "--disabled")).stdout).toContain(
    "Schedule: every 3 h\nState: off",
  );
  expect((await cron("list")).stdout).toMatch(/news +every 3 h +off +ok, /);
  expect(await cron("rm", "news")).toMatchObject({
    code: 0,
    stdout: expect.stringContaining("Removed: news"),
  });
  expect(await cron("rm", "news")).toMatchObject({
    code: 1,
    stderr: expect.stringContaining('there is no job "news"'),
  });
}, 30_000);

test("what cannot be a job is refused with what is wrong, and schedules that are off are told", async () => {
  await using gateway = await startTestGateway({ config: { cron: { enabled: false } } });
  using home = emptyHome();
  const env = { CARAPACE_STATE_DIR: gateway.stateDir };
  const port = String(gateway.gateway.port);
  const add = (...words: string[]) => runCara(["cron", "add", ...words, "--port", port], { home, env });
  expect((await add("-m", "x")).stderr).toBe("Error: say when: --at, --every or --cron\n");
  expect((await add("--every", "2h")).stderr).toBe("Error: say what: --message or --event\n");
  expect((await add("--cron", "0 0 30 2 *", "-m", "x")).stderr).toContain(
    "names no day within the next four years",
  );
  expect((await add("--every", "2h", "-m", " ")).stderr).toContain("--message and --event need some words");
  expect((await add("--every", "2h", "-m", "x", "--idempotency-key", "")).code).toBe(1);
  const lost = await add("--every", "2h", "-m", "x", "--deliver", "pigeon:1");
  expect(lost).toMatchObject({
    code: 0,
    stderr: expect.stringContaining("No channel called pigeon is set up"),
  });
  const off = await add("--every", "2h", "--event", "tea");
  expect(off).toMatchObject({ code: 0, stderr: expect.stringContaining("Schedules are switched off") });
}, 20_000);
