import { expect, test } from "bun:test";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { isRecord } from "@carapace/protocol";
import { freePort } from "../../packages/cli/testing/port.ts";
import { introduce, openClient, type TestClient } from "../../packages/gateway/src/listen/testing/client.ts";
import { openToOthers, searchFor } from "../support/leaks.ts";
import {
  cara,
  createGarden,
  type DrivenGateway,
  type Garden,
  openPlace,
  type Place,
  refusingVendor,
  startDriven,
  writeConfig,
} from "./driven.ts";

/**
 * The rule these tests hold: what somebody types into a conversation is theirs. It comes back to them in `chat.history`,
 * in the run's own events and in the session's own metadata, and stands on disk encrypted only. Everything else that
 * leaves the program, or lies on disk, has no secret in it, wherever that secret came in.
 */
const token = "a-token-for-tests-of-forty-characters-00";

function configWith(garden: Garden, vendorUrl: string): string {
  const notes = garden.plant("config value").map(({ text }, n) => [`note${n}`, text]);
  const names = garden.plant("config key").map(({ text }) => [text, 1]);
  const vars = garden.plant("env section").map(({ text }, n) => [`PLANTED_${n}_TOKEN`, text]);
  const [apiKey, bot] = garden.plant("config secret");
  return JSON.stringify({
    gateway: {
      auth: { mode: "token", token },
      control: { enabled: true },
      ws: { messageRate: 1e9, messageBurst: 1e9 },
    },
    anthropic: { apiKey: apiKey?.cores[0], baseUrl: vendorUrl },
    telegram: { botToken: bot?.text },
    agents: { defaults: { model: "anthropic:claude-sonnet-4-5" } },
    env: { vars: Object.fromEntries(vars) },
    notes: Object.fromEntries(notes),
    names: Object.fromEntries(names),
  });
}

function environmentWith(garden: Garden): Record<string, string> {
  const named = garden.plant("environment").map(({ text }, n) => [`OWNER_${n}_API_KEY`, text]);
  const plain = garden.plant("plain environment").map(({ text }, n) => [`OWNER_NOTE_${n}`, text]);
  return Object.fromEntries([...named, ...plain]);
}

async function operator(gateway: DrivenGateway, scopes: readonly string[]): Promise<TestClient> {
  const client = await openClient(gateway.url);
  const hello = await introduce(client, {
    connect: { role: "operator", scopes: [...scopes], auth: { token } },
  });
  if (hello["ok"] !== true) throw new Error(JSON.stringify(hello));
  return client;
}

/** Every secret as a message, as session metadata, in wrong frames and to a vendor that repeats others. */
async function converse(client: TestClient, garden: Garden, runs: number): Promise<void> {
  for (const [n, { text }] of garden.plant("session label").entries())
    await client.request("sessions.create", { key: `labelled-${n}`, label: text, description: text });
  const all = garden.plant("message").map(({ text }) => text);
  await client.request("chat.send", {
    ...{ message: all.join("\n"), idempotencyKey: "all", sessionKey: "notes", triggerAgent: false },
  });
  for (const [n, { text }] of garden.plant("told to the assistant").entries()) {
    if (n % 6 > 0) continue;
    // The built-in assistant's tools take it, keep it and give it back.
    for (const message of [`remember that my note ${n} is ${text}`, `what do you know about note ${n}`]) {
      const ask = { message, idempotencyKey: message, sessionKey: `told-${n}`, model: "offline:basic" };
      const { payload } = await client.request("chat.send", ask);
      const runId = isRecord(payload) ? payload["runId"] : undefined;
      const ended = await client.request("agent.wait", { runId, timeoutMs: 10_000 });
      expect(ended).toMatchObject({ payload: { status: "ok" } });
    }
  }
  for (let n = 0; n < runs; n += 1) {
    const ask = { message: `ask ${n}`, idempotencyKey: `ask-${n}`, sessionKey: `asked-${n % 8}` };
    const { payload } = await client.request("chat.send", ask);
    const runId = isRecord(payload) ? payload["runId"] : undefined;
    const ended = await client.request("agent.wait", { runId, timeoutMs: 10_000 });
    expect(JSON.stringify(ended)).toContain("error");
  }
}

async function misbehave(client: TestClient, gateway: DrivenGateway, garden: Garden): Promise<string> {
  for (const { text } of garden.plant("wrong frame")) {
    await client.request(text, { [text]: text });
    await client.request("chat.send", { message: { text }, idempotencyKey: [text], sessionKey: { text } });
    await client.request("sessions.load", { key: text });
    await client.request("config.patch", { raw: `{ "x": ${text} `, baseHash: text });
    await client.request("logs.tail", { pattern: text, level: text });
  }
  const answers: string[] = [];
  const base = `http://127.0.0.1:${gateway.port}`;
  for (const [n, { text }] of garden.plant("HTTP").entries()) {
    const line = encodeURIComponent(text);
    const header = text.replace(/\s+/g, " ");
    // A wrong credential costs time, more with each.
    const isWrong = n % 18 === 0;
    const authorization: Record<string, string> = isWrong ? { authorization: `Bearer ${header}` } : {};
    const asked = await Promise.all([
      fetch(`${base}/${line}?token=${line}`),
      fetch(`${base}/control/status`, {
        headers: { ...authorization, "x-api-key": header },
      }),
      fetch(`${base}/health`, {
        method: "POST",
        body: text,
        headers: { cookie: header, "user-agent": header },
      }),
    ]);
    for (const answer of asked) answers.push([...answer.headers].join("\n"), await answer.text());
    if (isWrong) {
      const stranger = await openClient(gateway.url);
      const refused = await introduce(stranger, { connect: { auth: { token: text } } });
      answers.push(JSON.stringify(refused));
      stranger.socket.close();
    }
  }
  return answers.join("\n");
}

const asked = [
  ["health", {}],
  ["status", {}],
  ["system.info", {}],
  ["config.get", {}],
  ["config.get", { key: "notes" }],
  ["config.get", { key: "anthropic" }],
  ["config.validate", { config: {} }],
  ["config.schema", {}],
  ["models.list", {}],
  ["agents.list", {}],
  ["usage.status", {}],
  ["channels.status", {}],
  ["logs.tail", { limit: 5000, maxBytes: 1_000_000, level: "trace" }],
  ["audit.tail", { limit: 1000 }],
] as const;

test("secrets planted in every input of a gateway stand in none of its outputs, and not on its disk", async () => {
  using place = openPlace();
  const garden = createGarden(1);
  const vendorSecrets = garden.plant("provider error");
  using vendor = refusingVendor(vendorSecrets);
  writeConfig(place, configWith(garden, vendor.url));
  Object.assign(place.env, environmentWith(garden));
  mkdirSync(place.stateDir, { mode: 0o700 });
  for (const { cores } of garden.plant("file name"))
    writeFileSync(join(place.stateDir, `${(cores[0] ?? "").replaceAll("/", "_")}.txt`), "", { mode: 0o600 });

  await using gateway = await startDriven(place);
  using owner = await operator(gateway, ["operator.admin"]);
  using other = await operator(gateway, ["operator.pairing"]);
  await converse(owner, garden, vendorSecrets.length);
  const http = await misbehave(owner, gateway, garden);
  const answers: [string, string][] = [];
  for (const [method, params] of asked)
    answers.push([method, JSON.stringify(await owner.request(method, params))]);
  const status = await cara(["status", "--port", String(gateway.port)], place);
  const logs = await cara(["logs", "-n", "5000", "--port", String(gateway.port)], place);
  const shown = await cara(["config", "show"], place);
  const audit = await cara(["audit", "export", "--port", String(gateway.port)], place);
  const doctor = await cara(["doctor"], place);
  const support = await cara(["support", "-o", "report.json", "--port", String(gateway.port)], place);
  expect([status.code, logs.code, shown.code, audit.code, support.code]).toEqual([0, 0, 0, 0, 0]);
  expect(logs.stdout).toContain("gateway ready");

  const search = searchFor(garden.planted);
  const live = search.under(place.stateDir, () => false);
  const printed = await gateway.stop();
  const isMessage = (line: string) => /^(message|session label|told to the assistant): /.test(line);
  const leaks = [
    ...live,
    ...search.under(place.stateDir, () => false),
    ...search.in("what the gateway printed", printed),
    ...search.in("HTTP answers", http),
    ...search.in("frames of another scope", JSON.stringify(other.frames)),
    ...answers.flatMap(([method, text]) => search.in(method, text)),
    ...search
      .in("events", JSON.stringify(owner.frames.filter((frame) => frame["type"] === "event")))
      .filter((line) => !isMessage(line)),
    ...Object.entries({ status, logs, shown, audit, doctor, support }).flatMap(([name, ran]) => [
      ...search.in(`cara ${name}`, ran.stdout),
      ...search.in(`stderr of cara ${name}`, ran.stderr),
    ]),
    ...search.in("the report of cara support", readFileSync(join(place.home, "report.json"))),
  ];
  expect(leaks).toEqual([]);
  expect(openToOthers(place.stateDir)).toEqual([]);
}, 60_000);

test("the owner gets back what they wrote, and the search finds what is there", async () => {
  using place = openPlace();
  const garden = createGarden(2);
  writeConfig(place, JSON.stringify({ gateway: { auth: { mode: "token", token } } }));
  await using gateway = await startDriven(place);
  using owner = await operator(gateway, ["operator.admin"]);
  const text = garden
    .plant("message")
    .map((one) => one.text)
    .join("\n");
  const sent = { message: text, idempotencyKey: "1", sessionKey: "mine", triggerAgent: false };
  const { payload } = await owner.request("chat.send", sent);
  const sessionKey = isRecord(payload) ? payload["sessionKey"] : undefined;
  const history = await owner.request("chat.history", { sessionKey });
  expect(JSON.stringify(history)).toContain(JSON.stringify(text).slice(1, -1));
  const search = searchFor(garden.planted);
  const found = new Set(search.in("it", text).map((line) => line.replace(/ \(.*/, "")));
  expect(found.size).toBe(new Set(garden.planted.map(({ label }) => label)).size);
  for (const encoding of ["base64", "hex", "utf16le"] as const) {
    const encoded =
      encoding === "utf16le" ? Buffer.from(text, encoding) : Buffer.from(text).toString(encoding);
    expect(search.in(encoding, encoded).length).toBeGreaterThanOrEqual(found.size);
  }
}, 30_000);

/** The ways a secret can be typed where none belongs. */
function refusedCommands(secret: string): readonly (readonly string[])[] {
  return [
    [secret],
    ["status", `--${secret}`],
    ["status", secret],
    ["status", `--port=${secret}`],
    ["status", "--port", "1", "--host", secret],
    ["config", secret],
    ["config", "set", "anthropic.apiKey", secret],
    ["config", "set", "gateway.port", secret],
    ["config", "get", secret],
    ["config", "unset", secret],
    ["config", "validate", secret],
    ["logs", "--level", secret],
    ["start", "--bind", secret],
    ["support", "-o", join("/nonexistent", secret)],
  ];
}

test("a refused command does not repeat a secret that was typed", async () => {
  using place = openPlace();
  const garden = createGarden(3);
  const secrets = garden.plant("argv");
  const search = searchFor(garden.planted);
  const leaks: string[] = [];
  // One kind each, in turn: every kind meets some command, every command some kinds.
  for (const [n, { text }] of secrets.entries()) {
    const words = refusedCommands(text)[n % 14] ?? [];
    const ran = await cara(words, place);
    const command = words.join(" ").replace(text, "…");
    expect(`${command} ${ran.code === 0 ? "was taken" : "was refused"}`).toEndWith("refused");
    leaks.push(...search.in(command, ran.stdout + ran.stderr));
  }
  expect(leaks).toEqual([]);
}, 60_000);

const broken: Readonly<Record<string, (text: string, place: Place) => void>> = {
  "config that is no JSON": (text, place) => writeConfig(place, `{ "a": 1,\n "b": ${text}\n`),
  "config with a wrong value": (text, place) =>
    writeConfig(place, JSON.stringify({ gateway: { port: text, bind: text, auth: { mode: text } } })),
  "config that includes": (text, place) => writeConfig(place, JSON.stringify({ x: { $include: text } })),
  "config with a variable": (text, place) =>
    writeConfig(place, JSON.stringify({ gateway: { port: `$\{${text}}` } })),
  "gateway-token": (text, place) =>
    writeFileSync(join(place.stateDir, "gateway-token"), text, { mode: 0o600 }),
  "state.key": (text, place) => writeFileSync(join(place.stateDir, "state.key"), text, { mode: 0o600 }),
  "state.db": (text, place) => writeFileSync(join(place.stateDir, "state.db"), text, { mode: 0o600 }),
  "device-identity.json": (text, place) =>
    writeFileSync(join(place.stateDir, "device-identity.json"), `{"secret_key": ${text}`, { mode: 0o600 }),
};

test.each(Object.entries(broken))(
  "an error about a damaged file does not quote it: %s",
  async (name, damage) => {
    const garden = createGarden(4);
    const text = garden
      .plant(name)
      .map((one) => one.text)
      .join(" ");
    using place = openPlace();
    mkdirSync(place.stateDir, { mode: 0o700 });
    damage(text, place);
    const commands = [
      ["config", "show"],
      ["config", "validate", "--json"],
      ["status", "--port", "1"],
      ["doctor"],
      ["audit", "tail", "--offline"],
      ["chat", "--message", "hello", "--port", String(await freePort())],
      ["support", "-o", "report.json", "--port", "1"],
    ];
    const ran = await Promise.all(commands.map((words) => cara(words, place)));
    const search = searchFor(garden.planted);
    const leaks = ran.flatMap((one, n) => search.in(`cara ${commands[n]?.[0]}`, one.stdout + one.stderr));
    leaks.push(...search.in("report", readFileSync(join(place.home, "report.json"))));
    expect(leaks).toEqual([]);
  },
  30_000,
);
