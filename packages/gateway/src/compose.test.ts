import { expect, test } from "bun:test";
import { chmod, mkdir, readFile, rm, stat, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { startGateway } from "./compose.ts";
import { startTestGateway } from "./testing/index.ts";

const http = (url: string, path: string) => fetch(url.replace("ws:", "http:").replace("/ws", path));

test("a gateway on a fresh machine listens on loopback only, ready, with a token of its own", async () => {
  await using test = await startTestGateway();
  expect(test.gateway.hostname).toBe("127.0.0.1");
  expect(test.token).toMatch(/^[A-Za-z0-9_-]{43}$/);
  expect((await http(test.gateway.url, "/health")).status).toBe(200);
  expect((await http(test.gateway.url, "/health/ready")).status).toBe(200);
  await expect(test.connect({ token: "wrong" })).rejects.toThrow("unauthorized: token mismatch");
});

test("a configured token takes the place of the machine's own", async () => {
  await using test = await startTestGateway({ env: { CARAPACE_GATEWAY_TOKEN: "chosen-by-the-owner" } });
  expect(test.token).toBe("");
  await expect(test.connect({ token: "x" })).rejects.toThrow("token mismatch");
  using link = await test.connect({ token: "chosen-by-the-owner" });
  expect((await link.call("health")).ok).toBe(true);
});

test("password mode without a password lets nobody in", async () => {
  await using test = await startTestGateway({ config: { gateway: { auth: { mode: "password" } } } });
  await expect(test.connect({ token: "x" })).rejects.toThrow("gateway password not configured on gateway");
});

test("a gateway says which model answers where nobody asks for another", async () => {
  await using fresh = await startTestGateway();
  expect(await fresh.gateway.models.current()).toEqual({ ok: true, value: "offline:basic" });
  await using chosen = await startTestGateway({
    config: { agents: { defaults: { model: "ollama:llama3" } } },
  });
  expect(await chosen.gateway.models.current()).toEqual({ ok: true, value: "ollama:llama3" });
  const routed = { routes: { fast: { model: "openai:gpt-5.5" } }, agents: { defaults: { route: "fast" } } };
  await using other = await startTestGateway({ config: routed });
  expect(await other.gateway.models.current()).toEqual({ ok: true, value: "openai:gpt-5.5" });
});

test("a second gateway on a state directory is refused with the first one's pid", async () => {
  await using first = await startTestGateway();
  const second = await startGateway({
    env: {},
    stateDir: first.stateDir,
    configPath: join(first.stateDir, "c.json"),
    port: 0,
  });
  expect(second).toMatchObject({ ok: false, code: "conflict" });
  expect(second.ok ? "" : second.say).toContain(`pid ${process.pid}`);
  expect((await readFile(join(first.stateDir, "daemon.pid"), "utf8")).trim()).toBe(String(process.pid));
});

test("what is closed leaves lock, pid file and port to the next", async () => {
  await using first = await startTestGateway();
  const { port } = first.gateway;
  await first.gateway.close("test");
  await first.gateway.closed;
  expect(await stat(join(first.stateDir, "daemon.pid")).catch(() => undefined)).toBeUndefined();
  await using second = await startTestGateway({ stateDir: first.stateDir, port });
  expect(second.gateway.port).toBe(port);
  expect(second.token).toBe(first.token);
});

test.each([
  ["a wrong value", '{ gateway: { port: "x" } }', "gateway.port"],
  ["a syntax error", "{ gateway: ", "carapace.json"],
  [
    "a provider setting that cannot work",
    '{ openai: { apiKey: "k", baseUrl: "http://x.example" } }',
    "openai.baseUrl",
  ],
])("%s in the configuration stops the start and leaves nothing open", async (_, text, named) => {
  await using dir = await startTestGateway();
  await dir.gateway.close("test");
  await writeFile(join(dir.stateDir, "carapace.json"), text);
  const options = { env: { CARAPACE_STATE_DIR: dir.stateDir, CARAPACE_CREDENTIAL_STORE: "off" }, port: 0 };
  const refused = await startGateway(options);
  expect(refused.ok).toBe(false);
  expect(refused.ok ? "" : refused.say).toContain(named);
  await writeFile(join(dir.stateDir, "carapace.json"), "{}");
  const started = await startGateway(options);
  expect(started.ok).toBe(true);
  if (started.ok) await started.value.close("test");
});

test("a port in use is refused in words", async () => {
  await using first = await startTestGateway();
  await expect(startTestGateway({ port: first.gateway.port })).rejects.toThrow(
    `port ${first.gateway.port} on 127.0.0.1 is in use`,
  );
});

test("an embedded gateway stays on this machine, whatever the configuration says", async () => {
  await using test = await startTestGateway({ embedded: true, config: { gateway: { bind: "all" } } });
  expect(test.gateway.hostname).toBe("127.0.0.1");
});

test.each([
  [{ bind: "nowhere at all" }, "gateway.bind"],
  [{ config: { gateway: { bind: "no-such-host.invalid" } } }, "there is no such host"],
  [{ port: 70_000 }, "70000"],
])("an address that makes no sense is refused: %j", async (options, named) => {
  await expect(startTestGateway(options)).rejects.toThrow(named);
});

test("a gateway without a secret is not opened to other machines", async () => {
  const config = { gateway: { auth: { mode: "none" } } };
  await expect(startTestGateway({ config, bind: "0.0.0.0" })).rejects.toThrow(
    "refusing to listen on 0.0.0.0",
  );
});

test("a state directory that cannot be used is refused in words", async () => {
  await using test = await startTestGateway();
  await test.gateway.close("test");
  await writeFile(join(test.stateDir, "state.db"), "not a database at all, but long enough to be read");
  await expect(startTestGateway({ stateDir: test.stateDir })).rejects.toThrow("state.db");
});

test("logins that another program left readable keep it from starting, and are named", async () => {
  await using test = await startTestGateway();
  await test.gateway.close("test");
  const folder = join(test.stateDir, "agents", "main", "agent");
  await mkdir(folder, { recursive: true });
  await writeFile(join(folder, "auth.json"), '{"token": "of-another-program"}');
  const refused = await startTestGateway({ stateDir: test.stateDir }).catch(String);
  expect(refused).toContain(`logins of another program lie readable in ${join(folder, "auth.json")}`);
  expect(refused).not.toContain("of-another-program");
  await rm(folder, { recursive: true });
  await using _again = await startTestGateway({ stateDir: test.stateDir });
});

test("clients are told of a stop, and running turns may end first", async () => {
  const gate = Promise.withResolvers<void>();
  const begun = Promise.withResolvers<void>();
  const before = () => {
    begun.resolve();
    return gate.promise;
  };
  await using test = await startTestGateway({ replies: [{ text: "in time", before }] });
  using link = await test.connect();
  await link.call("chat.send", { message: "a", sessionKey: "s", idempotencyKey: "a" });
  await begun.promise;
  const closing = test.gateway.close("SIGTERM");
  expect(await link.event("shutdown")).toMatchObject({ reason: "SIGTERM", reasonTruncated: false });
  expect((await http(test.gateway.url, "/health/ready")).status).toBe(503);
  gate.resolve();
  expect(await link.ended("a")).toMatchObject({ state: "final", message: { content: "in time" } });
  await closing;
  expect(await link.client.closed).toMatchObject({ code: 1001 });
});

test("a turn that a stop cuts off is finished by the next gateway, once", async () => {
  await using first = await startTestGateway({
    replies: [{ text: "never", hang: true }],
    times: { drainBudgetMs: 10 },
  });
  using link = await first.connect();
  await link.call("chat.send", { message: "a", sessionKey: "s", idempotencyKey: "a" });
  await link.event("agent", (event) => event["stream"] === "text");
  await link.call("chat.send", { message: "b", sessionKey: "s", idempotencyKey: "b" });
  await first.gateway.close("test");
  expect(link.events("chat").filter((event) => event["state"] !== "delta")).toEqual([]);
  await using second = await startTestGateway({ stateDir: first.stateDir, replies: ["after the restart"] });
  using again = await second.connect();
  for (const runId of ["a", "b"]) {
    expect((await again.call("agent.wait", { runId })).payload).toMatchObject({
      status: "ok",
      response: "after the restart",
    });
  }
  const history = await again.call("chat.history", { sessionKey: "s" });
  const texts = Object(history.payload["messages"]).map((message: { content: string }) => message.content);
  expect(texts).toEqual(["a", "after the restart", "b", "after the restart"]);
});

test("a changed configuration file is taken without being asked, and clients are told", async () => {
  const config = { gateway: { reload: { debounceMs: 10 } } };
  await using test = await startTestGateway({ config });
  using link = await test.connect();
  const changed = { ...config, agents: { defaults: { model: "offline:basic" } } };
  await writeFile(join(test.stateDir, "carapace.json"), JSON.stringify(changed));
  expect(await link.event("config.changed")).toMatchObject({ mode: "hybrid" });
  const reloaded = await test.gateway.reload();
  expect(reloaded.ok).toBe(true);
});

test("a changed log level is in force after a reload, and told so", async () => {
  await using test = await startTestGateway({ config: { gateway: { reload: { mode: "off" } } } });
  using link = await test.connect();
  const refusals = async () => {
    await expect(test.connect({ token: "wrong" })).rejects.toThrow("unauthorized");
    const { payload } = await link.call("logs.tail", { limit: 1000 });
    return JSON.stringify(payload["lines"]).split("connection refused").length - 1;
  };
  expect(await refusals()).toBe(1);
  const quiet = { gateway: { reload: { mode: "off" } }, logging: { level: "error" } };
  await writeFile(join(test.stateDir, "carapace.json"), JSON.stringify(quiet));
  expect(await test.gateway.reload()).toMatchObject({
    value: { applied: ["logging.level"], needsRestart: [] },
  });
  expect(await refusals()).toBe(1);
});

test("the state directory refusing files makes the gateway not ready", async () => {
  if (process.getuid?.() === 0) return;
  await using test = await startTestGateway();
  await chmod(test.stateDir, 0o500);
  expect((await http(test.gateway.url, "/health/ready")).status).toBe(503);
  await chmod(test.stateDir, 0o700);
});

test("a file in place of the state directory is refused", async () => {
  await using test = await startTestGateway();
  const path = join(test.stateDir, "file-not-dir");
  await writeFile(path, "");
  const refused = await startGateway({
    env: {},
    stateDir: path,
    configPath: join(test.stateDir, "x.json"),
    port: 0,
  });
  expect(refused).toMatchObject({ ok: false, code: "unavailable" });
});

test("the command in whose process it runs can have its control API, which still asks who calls", async () => {
  const config = { gateway: { control: { enabled: false } } };
  await using plain = await startTestGateway({ config });
  expect((await http(plain.gateway.url, "/control/tasks")).status).toBe(404);
  await using test = await startTestGateway({ config, control: true });
  expect((await http(test.gateway.url, "/control/tasks")).status).toBe(401);
  const url = test.gateway.url.replace("ws:", "http:").replace("/ws", "/control/tasks");
  const headers = { authorization: `Bearer ${test.token}` };
  expect((await fetch(url, { headers })).status).toBe(200);
  expect(await test.gateway.reload()).toMatchObject({ ok: true });
  expect((await fetch(url, { headers })).status).toBe(200);
});
