import { expect, test } from "bun:test";
import { createHmac } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { startTestGateway } from "@carapace/gateway/testing";
import { emptyHome, type Home, runCara } from "../../../testing/cara.ts";
import { readHeaders } from "./read-call.ts";
import { readMapping } from "./read-mapping.ts";

const nothing = {
  ...{ preset: undefined, id: undefined, path: undefined, source: undefined, action: undefined },
  ...{ instructions: undefined, messageTemplate: undefined, textTemplate: undefined, name: undefined },
  ...{ sessionKey: undefined, channel: undefined, to: undefined, silent: false, wakeMode: undefined },
  ...{ model: undefined, transform: undefined, auth: undefined, secretFromStdin: false },
  ...{ signatureHeader: undefined, prefix: undefined, timestampHeader: undefined, signed: undefined },
  ...{ algorithm: undefined, encoding: undefined },
};

function homeWithState(): Home {
  const home = emptyHome();
  Object.assign(home.env, { CARAPACE_STATE_DIR: home.folder });
  return home;
}

const configOf = (home: Home) => readFileSync(join(home.folder, "carapace.json"), "utf8");

test("a mapping that could not do anything is refused, with what to say", () => {
  const say = (options: Partial<typeof nothing> | object) => {
    const read = readMapping({ ...nothing, ...options });
    return read.ok ? "ok" : read.say;
  };
  expect(say({})).toContain("--path ci, or a --preset");
  expect(say({ path: "x" })).toContain("--message-template");
  expect(say({ path: "x", action: "wake" })).toBe("ok");
  expect(say({ preset: "github", auth: "hmac" })).toContain("--signature-header");
  expect(say({ preset: "github", auth: "github", prefix: "v0=" })).toContain("need --auth hmac");
});

test("headers are read one a line, and a value may hold what separates", async () => {
  expect(await readHeaders("Stripe-Signature=t=1,v1=ab\nX-A: b:c\n")).toEqual({
    ok: true,
    value: { "stripe-signature": "t=1,v1=ab", "x-a": "b:c" },
  });
  expect((await readHeaders("nothing")).ok).toBe(false);
});

test("a webhook is added with its secret sealed, listed, and tried without a gateway", async () => {
  using home = homeWithState();
  Object.assign(home.env, { CARAPACE_CONFIG_PASSWORD: "a password" });
  const add = ["hooks", "add", "--preset", "github", "--auth", "github", "--secret-from-stdin"];
  const added = await runCara(add, { home, stdin: "gh-secret\n" });
  expect(added).toMatchObject({ code: 0, stdout: expect.stringContaining("Added the webhook github") });
  expect(configOf(home)).toContain('"secret": "enc:');
  expect(configOf(home)).not.toContain("gh-secret");
  const second = ["hooks", "add", "--path", "ci", "--message-template", "CI: {{state}}"];
  expect((await runCara(second, { home })).code).toBe(0);
  const { stdout } = await runCara(["hooks", "list", "--json"], { home });
  const { hooks } = JSON.parse(stdout);
  expect(hooks.map(({ id, auth }: { id: string; auth: string }) => `${id} ${auth}`)).toEqual([
    "wake token",
    "agent token",
    "github github",
    "ci token",
  ]);
  const body = '{"action":"opened"}';
  const mac = createHmac("sha256", "gh-secret").update(body).digest("hex");
  const words = ["hooks", "test", "github", "--local", "--payload", body, "-H"];
  const right = await runCara([...words, `x-hub-signature-256=sha256=${mac}`], { home });
  expect(right).toMatchObject({ code: 0, stdout: expect.stringContaining("the signature is right") });
  const wrong = await runCara([...words, "x-hub-signature-256=sha256=00"], { home });
  expect(wrong).toMatchObject({ code: 1, stdout: expect.stringContaining("the signature is wrong") });
}, 20_000);

test("a webhook without its secret, or with a wrong field, is not added", async () => {
  using home = homeWithState();
  const none = await runCara(["hooks", "add", "--preset", "github", "--auth", "github"], { home });
  expect(none).toMatchObject({ code: 1, stderr: expect.stringContaining("--secret-from-stdin") });
  const outside = ["hooks", "add", "--path", "x", "--transform", "../x.js"];
  expect((await runCara(outside, { home })).stderr).toContain("must name a file inside");
  writeFileSync(join(home.folder, "carapace.json"), '{"gateway":{"hooks":{"mappings":{}}}}', { mode: 0o600 });
  expect((await runCara(["hooks", "add", "--path", "x", "--message-template", "y"], { home })).code).toBe(1);
});

test("a running gateway tries a call without doing anything, and shows its log", async () => {
  using home = homeWithState();
  const mapping = { match: { path: "ci" }, messageTemplate: "CI: {{state}}" };
  await using gateway = await startTestGateway({
    stateDir: home.folder,
    config: { gateway: { hooks: { enabled: true, token: "t", mappings: [mapping] } } },
  });
  const port = String(gateway.gateway.port);
  const tried = await runCara(["hooks", "test", "ci", "--payload", '{"state":"red"}', "-p", port], { home });
  expect(tried).toMatchObject({ code: 0, stdout: expect.stringContaining("CI: red") });
  const unknown = await runCara(["hooks", "test", "no", "-p", port], { home });
  expect(unknown).toMatchObject({ code: 1, stdout: expect.stringContaining("no mapping has this path") });
  expect((await runCara(["hooks", "log", "-p", port], { home })).stdout).toBe("No webhook was called yet.\n");
  const url = `http://127.0.0.1:${port}/hooks/wake`;
  await fetch(url, { method: "POST", headers: { Authorization: "Bearer t" }, body: "{}" });
  const log = await runCara(["hooks", "log", "-p", port], { home });
  expect(log.stdout).toMatch(/wake +- +400 +refused\n +text required/);
}, 20_000);
