import { afterAll, beforeAll, beforeEach, expect, test } from "bun:test";
import { startTestGateway, type TestGateway } from "@carapace/gateway/testing";
import { type TalkingModel, talkingModel } from "../../testing/model.ts";
import { openScreen, type Screen } from "../../testing/terminal.ts";

let gateway: TestGateway;
let model: TalkingModel;

beforeAll(async () => {
  model = talkingModel();
  gateway = await startTestGateway({ providers: [model] });
});
beforeEach(() => void model.heard.splice(0));
afterAll(() => gateway[Symbol.asyncDispose]());

const environment = (): Record<string, string> => ({
  PATH: process.env["PATH"] ?? "",
  HOME: gateway.stateDir,
  CARAPACE_STATE_DIR: gateway.stateDir,
  CARAPACE_CREDENTIAL_STORE: "off",
});

async function openChat(...words: string[]): Promise<Screen> {
  const screen = openScreen(["chat", "--port", String(gateway.gateway.port), ...words], environment());
  await screen.until("> ");
  return screen;
}

test("lines can be edited, and the reply follows", async () => {
  await using chat = await openChat("--new");
  chat.type("hello wrld\x1b[D\x1b[D\x1b[Do\r");
  await chat.until("You said: hello world");
  await chat.until("> ");
  chat.type("/exit\r");
  expect(await chat.exited).toBe(0);
  expect(model.heard).toEqual(["hello world"]);
});

test("Ctrl-C at the prompt puts the line aside, Up brings it back, and the next line is not lost", async () => {
  await using chat = await openChat("--new");
  chat.type("half a thought\x03");
  await chat.until("^C");
  await chat.until("> ");
  chat.type("another\r");
  await chat.until("You said: another");
  await chat.until("> ");
  chat.type("\x1b[A\x1b[A\r");
  await chat.until("You said: half a thought");
  expect(model.heard).toEqual(["another", "half a thought"]);
});

test("Ctrl-C during a reply stops it and keeps the session", async () => {
  await using chat = await openChat("--new");
  chat.type("wait\r");
  await chat.until("waiting");
  chat.type("\x03");
  await chat.until("[stopped]");
  await chat.until("> ");
  chat.type("still here?\r");
  await chat.until("You said: still here?");
  chat.type("\x04");
  expect(await chat.exited).toBe(0);
});

test("what is typed during a reply stands at the next prompt, and lines entered are sent in turn", async () => {
  await using chat = await openChat("--new");
  chat.type("wait\r");
  await chat.until("waiting");
  chat.type("second\rthird, unfini");
  chat.type("\x03");
  await chat.until("[stopped]");
  await chat.until("> second");
  await chat.until("You said: second");
  await chat.until("> third, unfini");
  chat.type("shed\r");
  await chat.until("You said: third, unfinished");
  expect(model.heard).toEqual(["wait", "second", "third, unfinished"]);
});

test("a chat goes on where the last one ended, earlier messages at the Up key, and no file holds them", async () => {
  {
    await using first = await openChat();
    first.type("remember the milk\r");
    await first.until("You said: remember the milk");
    await first.until("> ");
    first.type("/quit\r");
    expect(await first.exited).toBe(0);
  }
  await using second = openScreen(["chat", "--port", String(gateway.gateway.port)], environment());
  await second.until('Continuing cli-chat; your last message was "remember the milk".');
  await second.until("> ");
  second.type("\x1b[A\r");
  await second.until("You said: remember the milk");
  const search = Bun.spawn(["grep", "-rlF", "remember the milk", gateway.stateDir], { stdout: "pipe" });
  expect(await search.stdout.text()).toBe("");
});

test("a pasted text of several lines is one message", async () => {
  await using chat = await openChat("--new");
  chat.type("look: \x1b[200~one\rtwo\r\x1b[201~");
  await chat.until("one␤two␤");
  chat.type("\r");
  await model.untilAsked(1);
  expect(model.heard).toEqual(["look: one\ntwo"]);
});

test("the terminal may change its width while a line is typed", async () => {
  await using chat = await openChat("--new");
  const line = "a line that is longer than the terminal will be wide in a moment";
  chat.type(line);
  await chat.until("moment");
  chat.resize(20);
  await chat.until("moment");
  chat.type(" or two\r");
  await model.untilAsked(1);
  expect(model.heard).toEqual([`${line} or two`]);
});

test("/new begins a session of its own, /help explains the keys", async () => {
  await using chat = await openChat("--new");
  chat.type("/help\r");
  await chat.until("Ctrl-C        stop the reply");
  await chat.until("> ");
  chat.type("/new\r");
  await chat.until("A fresh session.");
  await chat.until("> ");
  chat.type("/unknown is a message\r");
  await chat.until("You said: /unknown is a message");
});

test("a reply cannot steer the terminal", async () => {
  await using chat = await openChat("--new");
  chat.type("steer\r");
  await chat.until("safe[2J]0;mineend\r\n");
});

test("a sign of life appears when nothing comes for a second, and is taken away", async () => {
  await using chat = await openChat("--new");
  chat.type("quiet\r");
  await chat.until("1 s (Ctrl-C stops)");
  chat.type("\x03");
  await chat.until("\r\x1b[K");
  await chat.until("[stopped]");
});

test("SIGTERM ends the chat with 130 and gives the terminal back", async () => {
  await using chat = await openChat("--new");
  chat.kill("SIGTERM");
  expect(await chat.exited).toBe(130);
  expect(chat.all()).toContain("\x1b[?2004l");
});

test("a terminal that cannot draw gets a plain prompt", async () => {
  const env = { ...environment(), TERM: "dumb" };
  await using chat = openScreen(["chat", "--port", String(gateway.gateway.port), "--new"], env);
  await chat.until("> ");
  chat.type("hello\r");
  await chat.until("You said: hello");
  await chat.until("\n> ");
  chat.type("/exit\r");
  expect(await chat.exited).toBe(0);
  expect(chat.all()).not.toContain("\x1b");
});
