import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { startTestGateway, type TestGateway } from "@carapace/gateway/testing";
import { emptyHome, type Home, launcher, runCara } from "../../testing/cara.ts";
import { type TalkingModel, talkingModel } from "../../testing/model.ts";
import { freePort } from "../../testing/port.ts";

describe("on a fresh machine", () => {
  test("a question through a pipe is answered, with nothing set up and nothing left running", async () => {
    using home = emptyHome();
    const port = await freePort();
    const ran = await runCara(["chat", "--port", String(port)], { home, stdin: "what is 6*7?\n/exit\n" });
    expect(ran.code).toBe(0);
    expect(ran.stdout).toContain("42");
    expect(ran.stderr).toContain("starting one in this process");
    expect(ran.stderr).toContain("[tool: math_eval → done]");
    expect(ran.stderr.match(/To add one: cara setup/g)).toHaveLength(1);
    expect(await fetch(`http://127.0.0.1:${port}/health`).catch(() => "gone")).toBe("gone");
  });

  test("--message prints the reply and nothing else on stdout", async () => {
    using home = emptyHome();
    const ran = await runCara(["chat", "--port", "0", "--message", "what is 6*7?"], { home });
    expect(ran.code).toBe(0);
    expect(ran.stdout).toEndWith("42\n");
    expect(ran.stdout.split("\n")).toHaveLength(2);
  });

  test("a chosen model that cannot answer is told with its reason", async () => {
    using home = emptyHome();
    const ran = await runCara(["config", "set", "agents.defaults.model", "openai:gpt-5"], { home });
    expect(ran.code).toBe(0);
    const asked = await runCara(["chat", "--port", "0", "-m", "hi"], { home });
    expect(asked).toMatchObject({ code: 1, stdout: "" });
    expect(asked.stderr).toContain("OpenAI is not set up: set OPENAI_API_KEY");
  });

  test("the next chat goes on with the session", async () => {
    using home = emptyHome();
    await runCara(["chat", "--port", "0"], { home, stdin: "what is 6*7?\n" });
    const again = await runCara(["chat", "--port", "0"], { home, stdin: "/exit\n" });
    expect(again.stderr).toContain('Continuing cli-chat; your last message was "what is 6*7?".');
    const anew = await runCara(["chat", "--port", "0", "--new"], { home, stdin: "/exit\n" });
    expect(anew.stderr).not.toContain("Continuing");
  });
});

describe("with a running gateway", () => {
  let gateway: TestGateway;
  let model: TalkingModel;
  let home: Home;
  beforeAll(async () => {
    model = talkingModel();
    gateway = await startTestGateway({ providers: [model] });
    home = homeOf(gateway.stateDir);
  });
  afterAll(() => gateway[Symbol.asyncDispose]());
  const chat = (stdin: string, ...words: string[]) =>
    runCara(["chat", "--port", String(gateway.gateway.port), ...words], { home, stdin });

  test("each line is a message, blank ones are not, and a last one without an end counts", async () => {
    const ran = await chat("one\n\n  \ntwo\r\nthree", "--new");
    expect(ran).toMatchObject({ code: 0, stdout: "You said: one\nYou said: two\nYou said: three\n" });
    expect(ran.stderr).not.toContain("starting one in this process");
  });

  test("text that would steer a terminal is harmless, in replies and in errors", async () => {
    const ran = await chat("steer\nfail\n", "--new");
    expect(ran.stdout).toBe("safe[2J]0;mineend\n");
    expect(ran.stderr).toContain("Error: The key is not accepted.");
    expect(ran.stderr + ran.stdout).not.toMatch(/[\u001b\u202e\u0007]/);
  });

  test("a message without an answer makes a script fail, and the lines after it are still sent", async () => {
    const ran = await chat("fail\nafter\n", "--new");
    expect(ran).toMatchObject({ code: 1, stdout: expect.stringMatching(/^You said: .*after\n$/) });
    expect(await chat("", "--message", "fail")).toMatchObject({ code: 1, stdout: "" });
  });

  test("a message too large for a frame is refused before it is sent", async () => {
    const ran = await chat(`${"x".repeat(300_000)}\n`, "--new");
    expect(ran).toMatchObject({ code: 1, stdout: "" });
    expect(ran.stderr).toContain("longer than 240 KiB");
  });

  test("SIGINT ends a one-shot with 130 and stops its run", async () => {
    const child = Bun.spawn(
      [launcher, "chat", "--new", "--port", String(gateway.gateway.port), "-m", "wait"],
      {
        env: home.env,
        stdout: "pipe",
        stderr: "pipe",
      },
    );
    const reader = child.stdout.getReader();
    expect(new TextDecoder().decode((await reader.read()).value)).toBe("waiting ");
    child.kill("SIGINT");
    expect(await child.exited).toBe(130);
    expect(await child.stderr.text()).toContain("[stopped]");
  });

  test("a wrong token is refused in words, and does not appear in them", async () => {
    const wrong = "a-wrong-token-a-wrong-token-a-wrong-token";
    const words = ["chat", "--port", String(gateway.gateway.port), "-m", "x"];
    const ran = await runCara(words, { home, env: { CARAPACE_GATEWAY_TOKEN: wrong } });
    expect(ran).toMatchObject({ code: 1, stdout: "" });
    expect(ran.stderr).toStartWith("Error: ");
    expect(ran.stderr).not.toContain(wrong);
  });

  test("an empty message is refused", async () => {
    expect(await chat("", "--message", "  ")).toMatchObject({ code: 1, stdout: "" });
  });
});

test("another program on the port gets no credential and a clear sentence", async () => {
  using home = emptyHome();
  const seen: string[] = [];
  await using server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch(request) {
      seen.push(request.headers.get("authorization") ?? "");
      return new Response("hello", { status: 200 });
    },
  });
  const ran = await runCara(["chat", "--port", String(server.port), "-m", "x"], { home });
  expect(ran).toMatchObject({ code: 1, stdout: "" });
  expect(ran.stderr).toContain(`another program uses port ${server.port}`);
  expect(seen).toEqual([""]);
});

test("to another machine nothing is sent unencrypted unless that is asked for", async () => {
  using home = emptyHome();
  const ran = await runCara(["chat", "--host", "192.0.2.1", "-m", "x"], { home });
  expect(ran).toMatchObject({ code: 1, stdout: "" });
  expect(ran.stderr).toContain("--allow-plaintext");
});

test("of two chats the second uses the first's gateway, and goes on with its own when the first leaves", async () => {
  using home = emptyHome();
  const port = String(await freePort());
  const open = () =>
    Bun.spawn([launcher, "chat", "--new", "--port", port], {
      env: home.env,
      stdin: "pipe",
      stdout: "pipe",
      stderr: "pipe",
    });
  const ask = async (chat: ReturnType<typeof open>, reply: () => Promise<string>) => {
    chat.stdin.write("what is 6*7?\n");
    await chat.stdin.flush();
    for (let text = ""; !text.endsWith("\n"); ) text += await reply();
  };
  const first = open();
  const firstOut = pieces(first.stdout);
  await ask(first, firstOut);
  const second = open();
  const secondOut = pieces(second.stdout);
  await ask(second, secondOut);
  first.stdin.end();
  expect(await first.exited).toBe(0);
  await ask(second, secondOut);
  second.stdin.end();
  expect(await second.exited).toBe(0);
  const said = await second.stderr.text();
  expect(said).toContain("[the connection to the gateway was lost]");
  expect(said.match(/starting one in this process/g)).toHaveLength(1);
});

test("a reply whose gateway goes away is finished by the next one, asked once", async () => {
  using home = emptyHome();
  const port = await freePort();
  const model = talkingModel("quiet");
  const gateway = await startTestGateway({
    stateDir: home.stateDir,
    port,
    providers: [model],
    testing: { drainBudgetMs: 50 },
  });
  const chat = runCara(["chat", "--port", String(port), "-m", "what is 6*7?"], { home });
  await model.untilAsked(1);
  await gateway[Symbol.asyncDispose]();
  const ran = await chat;
  expect(ran.stderr).toContain("[the connection to the gateway was lost]");
  expect(ran.stderr).toContain("starting one in this process");
  expect(ran).toMatchObject({ code: 0, stdout: expect.stringContaining("42") });
  const again = await runCara(["chat", "--port", "0"], { home, stdin: "/exit\n" });
  expect(again.stderr).toContain('your last message was "what is 6*7?"');
});

function pieces(stream: ReadableStream<Uint8Array<ArrayBuffer>>): () => Promise<string> {
  const reader = stream.getReader();
  const decoder = new TextDecoder();
  return async () => decoder.decode((await reader.read()).value, { stream: true });
}

function homeOf(stateDir: string): Home {
  const env = {
    PATH: process.env["PATH"] ?? "",
    HOME: stateDir,
    CARAPACE_STATE_DIR: stateDir,
    CARAPACE_CREDENTIAL_STORE: "off",
  };
  return { folder: stateDir, stateDir, env, [Symbol.dispose]: () => {} };
}
