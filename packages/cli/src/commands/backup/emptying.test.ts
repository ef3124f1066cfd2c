import { afterAll, beforeAll, expect, test } from "bun:test";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { startTestGateway } from "@carapace/gateway/testing";
import { openState, systemStateKeys } from "@carapace/state";
import { emptyHome, type Home, launcher, runCara } from "../../../testing/cara.ts";
import { openScreen } from "../../../testing/terminal.ts";

/** A home with a conversation, a note and files of the reference; copied, never changed. */
let lived: Home;
beforeAll(async () => {
  lived = emptyHome();
  expect((await runCara(["chat", "--port", "0", "-m", "what is 6*7?"], { home: lived })).code).toBe(0);
  await using state = await stateOf(lived);
  const origin = { kind: "owner" } as const;
  await state.memory.write("default", { key: "colour", value: "grey", origin, updatedAtMs: 1 });
  mkdirSync(join(lived.stateDir, "cron"));
  writeFileSync(join(lived.stateDir, "cron", "jobs.json"), "[]");
  writeFileSync(join(lived.stateDir, "carapace.json"), "{}", { mode: 0o600 });
});
afterAll(() => lived[Symbol.dispose]());

function copied(): Home {
  const home = emptyHome();
  cpSync(lived.stateDir, home.stateDir, { recursive: true });
  return home;
}

const cara = (home: Home, ...words: string[]) => runCara(words, { home });
const stateOf = ({ stateDir, env }: Home) =>
  openState({
    dir: stateDir,
    keys: systemStateKeys({ dir: stateDir, env, password: undefined, nowMs: Date.now }),
    newId: () => crypto.randomUUID(),
  });
const countsOf = async (home: Home) => {
  await using state = await stateOf(home);
  const usage = (await state.usage.sessions(0)).length;
  return {
    sessions: await state.sessions.count(),
    notes: (await state.memory.list("default")).length,
    usage,
  };
};

test("each category says how much it removed, and leaves the others", async () => {
  using home = copied();
  expect(await cara(home, "reset", "--memory", "--force")).toMatchObject({
    code: 0,
    stdout: "memory: 1 removed\n",
  });
  expect(await countsOf(home)).toMatchObject({ sessions: 1, notes: 0 });
  const ran = await cara(home, "reset", "--sessions", "--cron", "--force");
  expect(ran.stdout).toBe("sessions: 1 removed\ncron: 0 removed\ncron: of the reference, removed\n");
  expect(existsSync(join(home.stateDir, "cron"))).toBe(false);
  expect(await countsOf(home)).toMatchObject({ sessions: 0, notes: 0 });
  const chat = await cara(home, "chat", "--port", "0", "-m", "what is 2+3?");
  expect(chat.stderr).not.toContain("Continuing");
  expect(chat.stdout).toContain("5");
}, 20_000);

test("--all empties everything that is counted, and leaves configuration and pairings", async () => {
  using home = copied();
  const ran = await cara(home, "reset", "--all", "--force");
  expect(ran.code).toBe(0);
  for (const name of ["sessions: 1", "memory: 1", "tasks: 0"])
    expect(ran.stdout).toContain(`${name} removed\n`);
  expect(await countsOf(home)).toEqual({ sessions: 0, notes: 0, usage: 0 });
  expect(readFileSync(join(home.stateDir, "carapace.json"), "utf8")).toBe("{}");
  const names = readdirSync(home.stateDir);
  expect(names.filter((name) => /pending|scratch/.test(name))).toEqual([]);
  expect(names).toContain("state.key");
}, 20_000);

test.each(["n\r", "\r", "yesterday\r"])("the answer %j to the question removes nothing", async (keys) => {
  using home = copied();
  await using screen = openScreen(["reset", "--sessions", "--memory"], home.env);
  const said = await screen.until("[y/N] ");
  expect(said).toContain("sessions: 1 to remove");
  expect(said).toContain("memory: 1 to remove");
  screen.type(keys);
  await screen.until("Nothing was removed.");
  expect(await screen.exited).toBe(1);
  expect(await countsOf(home)).toMatchObject({ sessions: 1, notes: 1 });
});

test("a gateway that runs is named with its pid, and keeps what it has", async () => {
  using home = copied();
  {
    await using _gateway = await startTestGateway({ stateDir: home.stateDir });
    const ran = await cara(home, "reset", "--all", "--force");
    expect(ran).toMatchObject({ code: 1, stdout: "" });
    expect(ran.stderr).toContain(`(pid ${process.pid})`);
  }
  expect(await countsOf(home)).toMatchObject({ sessions: 1, notes: 1 });
});

test("a home without a state has nothing to remove, and gets no database", async () => {
  using home = emptyHome();
  expect(await cara(home, "reset", "--all", "--force")).toMatchObject({ code: 0 });
  expect(existsSync(join(home.stateDir, "state.db"))).toBe(false);
});

test("a disk that takes no larger file leaves everything, and says so", async () => {
  using home = copied();
  const child = Bun.spawn(["bash", "-c", "ulimit -f 100; exec ./cara reset --all --force"], {
    cwd: dirname(launcher),
    env: home.env,
    stdin: "ignore",
    stdout: "ignore",
    stderr: "pipe",
  });
  const [said, code] = await Promise.all([child.stderr.text(), child.exited]);
  expect(code).toBe(1);
  expect(said).toMatch(/^Error: .*(disk|file)/m);
  expect(readdirSync(home.stateDir).filter((name) => name.startsWith("pending"))).toEqual([]);
  expect(await countsOf(home)).toMatchObject({ sessions: 1, notes: 1 });
});
