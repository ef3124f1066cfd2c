import { expect, test } from "bun:test";
import { existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { emptyHome, type Home, launcher, runCara } from "../../testing/cara.ts";
import { freePort } from "../../testing/port.ts";

/** `cara start` that has said where it listens. */
async function startCara(
  home: Home,
  words: readonly string[] = ["start", "-p", "0"],
  env: Record<string, string> = {},
) {
  const child = Bun.spawn([launcher, ...words], {
    env: { ...home.env, ...env },
    stdout: "pipe",
    stderr: "pipe",
  });
  const reader = child.stderr.getReader();
  const decoder = new TextDecoder();
  let said = "";
  const until = async (text: string): Promise<string> => {
    while (!said.includes(text)) {
      const { done, value } = await reader.read();
      if (done) throw new Error(`it ended with ${await child.exited}, saying: ${said}`);
      said += decoder.decode(value, { stream: true });
    }
    return said;
  };
  const port = Number(/:(\d+)\/ws/.exec(await until("Stop it with Ctrl-C."))?.[1]);
  const dispose = async (): Promise<void> => {
    if (child.exitCode === null) child.kill("SIGKILL");
    await child.exited;
  };
  return { child, port, until, said: () => said, [Symbol.asyncDispose]: dispose };
}

function configure(home: Home, config: unknown): void {
  mkdirSync(home.stateDir, { recursive: true, mode: 0o700 });
  writeFileSync(
    join(home.stateDir, "carapace.json"),
    typeof config === "string" ? config : JSON.stringify(config),
  );
}

test("it says where it listens and keeps its things, answers, and stops in order on SIGTERM", async () => {
  using home = emptyHome();
  await using cara = await startCara(home);
  expect(cara.said()).toContain(`State:  ${home.stateDir}`);
  expect(cara.said()).toContain("carapace.json (not there: defaults)");
  const status = await runCara(["status", "-p", String(cara.port)], { home });
  expect(status.stdout).toMatch(/Status: ok\nSessions: 0\nChannels: 1\/1 connected\nPlatform: /);
  cara.child.kill("SIGTERM");
  expect(await cara.child.exited).toBe(0);
  const log = (await cara.child.stdout.text()).trim().split("\n");
  expect(log.map((line) => JSON.parse(line).message)).toContain("gateway ready");
});

test("with logging.format text its log is readable lines in a pipe, too", async () => {
  using home = emptyHome();
  configure(home, { logging: { format: "text" }, ollama: {} });
  await using cara = await startCara(home);
  cara.child.kill("SIGTERM");
  expect(await cara.child.exited).toBe(0);
  const lines = (await cara.child.stdout.text()).trim().split("\n");
  expect(lines.join("\n")).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z \[info\] gateway: gateway ready \{/m);
  for (const line of lines) expect(line).toMatch(/^\d{4}-.* \[(info|warn)\] /);
});

test("without a command it starts, with the same options", async () => {
  using home = emptyHome();
  await using cara = await startCara(home, ["-p", "0"]);
  cara.child.kill("SIGINT");
  expect(await cara.child.exited).toBe(0);
});

test("a signal while it starts lets it stop in order", async () => {
  using home = emptyHome();
  const port = await freePort();
  const child = Bun.spawn([launcher, "start", "-p", String(port)], {
    env: home.env,
    stdout: "pipe",
    stderr: "pipe",
  });
  const answers = () =>
    fetch(`http://127.0.0.1:${port}/health`).then(
      () => true,
      () => false,
    );
  while (!(await answers())) await Bun.sleep(1);
  child.kill("SIGTERM");
  expect(await child.exited).toBe(0);
  expect(existsSync(join(home.stateDir, "daemon.pid"))).toBe(false);
});

test("a second signal ends it at once with 130", async () => {
  using home = emptyHome();
  await using vendor = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: () => new Promise<Response>(() => {}),
  });
  configure(home, { agents: { defaults: { model: "openai:gpt-test" } } });
  const env = {
    OPENAI_API_KEY: "sk-test-000000000000000000000000",
    OPENAI_BASE_URL: `http://127.0.0.1:${vendor.port}/v1`,
  };
  await using cara = await startCara(home, ["start", "-p", "0"], env);
  const chat = Bun.spawn([launcher, "chat", "-p", String(cara.port), "-m", "hello"], {
    env: home.env,
    stdout: "ignore",
    stderr: "ignore",
  });
  while (vendor.pendingRequests === 0) await Bun.sleep(5);
  cara.child.kill("SIGTERM");
  await cara.until("Stopping.");
  cara.child.kill("SIGTERM");
  expect(await cara.child.exited).toBe(130);
  chat.kill("SIGKILL");
  await chat.exited;
});

test("SIGHUP reads the configuration again, and a bad one does not replace a good one", async () => {
  using home = emptyHome();
  await using cara = await startCara(home);
  configure(home, { gateway: { port: 18790 } });
  cara.child.kill("SIGHUP");
  await cara.until("The configuration was reloaded.");
  configure(home, "{ broken");
  cara.child.kill("SIGHUP");
  await cara.until("the old one goes on");
});

test("a second gateway on the same state directory is refused", async () => {
  using home = emptyHome();
  await using cara = await startCara(home);
  const second = await runCara(["start", "-p", "0"], { home });
  expect(second).toMatchObject({ code: 1, stdout: "" });
  expect(second.stderr).toStartWith("Error: ");
  expect(second.stderr).toContain(String(cara.child.pid));
});

test("a port in use is refused", async () => {
  using home = emptyHome();
  await using server = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response("") });
  const ran = await runCara(["start", "-p", String(server.port)], { home });
  expect(ran).toMatchObject({ code: 1, stdout: "" });
  expect(ran.stderr).toContain(String(server.port));
});

test("what is no address to bind to is refused", async () => {
  using home = emptyHome();
  expect(await runCara(["start", "-p", "0", "--bind", "nowhere"], { home })).toMatchObject({
    code: 1,
    stdout: "",
  });
});

test("a configuration that does not load is refused with its place", async () => {
  using home = emptyHome();
  configure(home, "{\n  gateway: {\n");
  const ran = await runCara(["start", "-p", String(await freePort())], { home });
  expect(ran).toMatchObject({ code: 1, stdout: "" });
  expect(ran.stderr).toContain("carapace.json:");
});

test("an address that is none is refused before anything is opened", async () => {
  using home = emptyHome();
  for (const bind of ["a b", "no..where"]) {
    const ran = await runCara(["start", "-p", "0", "--bind", bind], { home });
    expect(ran).toMatchObject({ code: 1, stdout: "" });
    expect(ran.stderr).toContain("use loopback, lan, tailnet, auto or an IP address");
  }
  expect(existsSync(home.stateDir)).toBe(false);
});

test("a level that is none is told, and the usual one holds", async () => {
  using home = emptyHome();
  await using cara = await startCara(home, ["-p", "0"], {
    CARAPACE_LOG: "carapace=debug",
    RUST_LOG: "error",
  });
  expect(cara.said()).toContain("Warning: CARAPACE_LOG is not used: it must be trace, debug");
  cara.child.kill("SIGTERM");
  await cara.child.exited;
  expect(await cara.child.stdout.text()).toContain("gateway ready");
});
