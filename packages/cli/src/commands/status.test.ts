import { expect, test } from "bun:test";
import { startTestGateway } from "@carapace/gateway/testing";
import { emptyHome, runCara } from "../../testing/cara.ts";
import { freePort } from "../../testing/port.ts";
import { describe, uptimeText } from "./status.ts";

test("an uptime leaves leading zero units out", () => {
  expect(uptimeText(0)).toBe("0s");
  expect(uptimeText(59.9)).toBe("59s");
  expect(uptimeText(3600)).toBe("1h 0m 0s");
  expect(uptimeText(93_784)).toBe("1d 2h 3m 4s");
});

test("what is not known has no line", () => {
  expect(describe({ version: "1", status: "ok" }, {}, "127.0.0.1:1")).toBe(
    "Version: 1\nAddress: 127.0.0.1:1\nStatus: ok",
  );
});

test("the control API adds channels and platform", () => {
  const control = { connectedChannels: 1, totalChannels: 2, runtime: { platform: "linux", arch: "x86_64" } };
  expect(describe({ version: "1", uptimeSeconds: 61, status: "ok" }, control, "h:1")).toBe(
    "Version: 1\nUptime: 1m 1s\nAddress: h:1\nStatus: ok\nChannels: 1/2 connected\nPlatform: linux (x86_64)",
  );
});

test("damage is told with its reasons, on lines of their own; health is not", () => {
  const damaged = { state: "degraded", stateReasons: ["session a\nb was changed"], sessionCount: 3 };
  expect(describe({ version: "1" }, { diagnostics: damaged }, "h:1")).toBe(
    "Version: 1\nAddress: h:1\nHealth: degraded\n  session a b was changed\nSessions: 3",
  );
  const healthy = { state: "healthy", sessionCount: 0 };
  expect(describe({ version: "1" }, { diagnostics: healthy }, "h:1")).toBe(
    "Version: 1\nAddress: h:1\nSessions: 0",
  );
});

test("a running gateway is described, as JSON too, whatever proxy the environment names", async () => {
  await using running = await startTestGateway();
  using home = emptyHome();
  const env = {
    CARAPACE_STATE_DIR: running.stateDir,
    HTTP_PROXY: "http://127.0.0.1:9",
    http_proxy: "http://127.0.0.1:9",
  };
  const words = ["status", "--port", String(running.gateway.port)];
  expect((await runCara(words, { home, env })).stdout).toStartWith("Version: ");
  const json = JSON.parse((await runCara([...words, "--json"], { home, env })).stdout);
  expect(json).toMatchObject({
    health: { status: "ok" },
    controlStatus: { ok: true, diagnostics: { state: "healthy", sessionCount: 0 } },
  });
});

test("a key that lies unprotected is a warning, in words and in JSON; a sealed one is none", async () => {
  using home = emptyHome();
  for (const password of ["", "a password"]) {
    await using running = await startTestGateway({ env: { CARAPACE_CONFIG_PASSWORD: password } });
    const env = { CARAPACE_STATE_DIR: running.stateDir };
    const words = ["status", "--port", String(running.gateway.port)];
    const { stdout } = await runCara(words, { home, env });
    const json = JSON.parse((await runCara([...words, "--json"], { home, env })).stdout);
    expect(stdout.includes("Warning: The database key lies unprotected")).toBe(password === "");
    expect(json.warnings?.join()?.includes("cara state rekey") ?? false).toBe(password === "");
  }
});

test("without a gateway it says where it looked and how to start one", async () => {
  using home = emptyHome();
  const port = await freePort();
  expect(await runCara(["status", "-p", String(port)], { home })).toEqual({
    code: 1,
    stdout: "",
    stderr: `Error: cannot reach a gateway at 127.0.0.1:${port}: connection refused. Start it with: cara start\n`,
  });
});

test("a port that is taken is not advised to be started on", async () => {
  using home = emptyHome();
  using stranger = Bun.listen({
    hostname: "127.0.0.1",
    port: 0,
    socket: { data: (socket) => void socket.end(), error: () => {} },
  });
  for (const command of ["status", "logs"]) {
    const ran = await runCara([command, "-p", String(stranger.port)], { home });
    expect(ran).toMatchObject({ code: 1, stdout: "" });
    expect(ran.stderr).toMatch(/port .*(is taken|no gateway)/s);
    expect(ran.stderr).not.toContain("cara start");
  }
});

test("what is not a gateway is told apart, and gets no credential with the first question", async () => {
  using home = emptyHome();
  const asked: [path: string, credential: string | null][] = [];
  const answers = [new Response("gone \u001b[2J", { status: 503 }), Response.json({ status: "ok" })];
  await using server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch(request) {
      asked.push([new URL(request.url).pathname, request.headers.get("authorization")]);
      return answers.shift() ?? new Response("");
    },
  });
  const env = { CARAPACE_GATEWAY_TOKEN: "a-token-of-forty-characters-0000000000000" };
  const words = ["status", "-p", String(server.port)];
  const failing = await runCara(words, { home, env });
  expect(failing).toMatchObject({ code: 1, stdout: "" });
  expect(failing.stderr).toContain("answered 503: gone [2J");
  const other = await runCara(words, { home, env });
  expect(other).toMatchObject({ code: 1, stdout: "" });
  expect(other.stderr).toContain("is not a Carapace gateway");
  expect(asked).toEqual([
    ["/health", null],
    ["/health", null],
  ]);
});

test("a configuration that does not load is told, and does not keep the command from asking", async () => {
  using home = emptyHome();
  const port = await freePort();
  const ran = await runCara(["status", "-p", String(port)], {
    home,
    env: { CARAPACE_CONFIG_PATH: home.folder },
  });
  expect(ran.code).toBe(1);
  expect(ran.stderr).toStartWith("Warning: ");
  expect(ran.stderr).toContain("connection refused");
});

test("--trust without --tls is said to have no effect", async () => {
  using home = emptyHome();
  const ran = await runCara(["status", "-p", String(await freePort()), "--trust"], { home });
  expect(ran.stderr).toStartWith("Warning: --trust has no effect without --tls\n");
});
