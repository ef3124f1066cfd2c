import { expect, test } from "bun:test";
import { isDeepStrictEqual } from "node:util";
import { ollamaError, ollamaTags, startVendorServer } from "../../testing/index.ts";
import { type FakeSource, quickDeps, settingsOf } from "../../testing/providers.ts";
import type { Provider } from "../types.ts";
import { createProviders, type ProviderSet } from "./index.ts";

const offline: Provider = { id: "offline", complete: async function* () {} };

function build(source: FakeSource): ProviderSet {
  const built = createProviders(settingsOf(source), { ...quickDeps(), extra: [offline] });
  if (!built.ok) throw new Error(built.say);
  return built.value;
}

function refusal(source: FakeSource): string {
  const built = createProviders(settingsOf(source), quickDeps());
  return built.ok ? "built" : `${built.code}: ${built.say}`;
}

const ids = (source: FakeSource) =>
  build(source)
    .list()
    .map((provider) => provider.id);

test("without settings there is only what needs none", () => {
  expect(ids({})).toEqual(["offline"]);
});

test("a key makes a provider, from the environment or the config; a blank one does not", () => {
  expect(ids({ env: { ANTHROPIC_API_KEY: " k1 " }, config: { openai: { apiKey: "k2" } } })).toEqual([
    "anthropic",
    "openai",
    "offline",
  ]);
  expect(
    ids({ env: { ANTHROPIC_API_KEY: "  ", OPENAI_API_KEY: "" }, config: { openai: { apiKey: null } } }),
  ).toEqual(["offline"]);
});

test("Ollama is there once it is named, be its section empty", () => {
  expect(ids({ config: { providers: { ollama: {} } } })).toEqual(["ollama", "offline"]);
  expect(ids({ env: { OLLAMA_BASE_URL: "http://box.lan:11434" } })).toEqual(["ollama", "offline"]);
  expect(ids({ env: { OLLAMA_API_KEY: "k" } })).toEqual(["offline"]);
});

test.each([
  ["http://api.example.com", "must start with https://"],
  ["ftp://127.0.0.1", "must start with https://"],
  ["api.example.com", "is not an address"],
  ["https://user:pw@api.example.com", "must not hold a user name"],
  ["https://api.example.com?key=1", "nothing after ?"],
  ["http://127.0.0.1.example.com", "must start with https://"],
])("the base URL %s is refused, without being repeated", (url, why) => {
  for (const id of ["ANTHROPIC", "OPENAI", "NEARAI", "VENICE"]) {
    const said = refusal({ env: { [`${id}_API_KEY`]: "k", [`${id}_BASE_URL`]: url } });
    expect(said).toStartWith(`invalid_request: ${id}_BASE_URL`);
    expect(said).toContain(why);
    expect(said).not.toContain("example.com");
  }
});

test.each([
  ...[
    "https://169.254.169.254",
    "https://[fd00:ec2::254]/latest",
    "https://[fe80::1]:25",
    "https://2852039166",
  ],
  ...["https://metadata.google.internal", "https://0.0.0.0", "https://[::ffff:169.254.169.254]"],
])("the base URL %s, where clouds hand out credentials or no model can be, is refused", (url) => {
  for (const id of ["ANTHROPIC", "OPENAI", "OLLAMA"]) {
    const said = refusal({ env: { [`${id}_API_KEY`]: "k", [`${id}_BASE_URL`]: url } });
    expect(said).toContain(`${id}_BASE_URL leads to an address where no model answers`);
    expect(said).not.toContain("254");
  }
});

test.each([
  ...["https://10.0.0.5", "https://nas.internal", "https://[fd12::1]", "https://100.64.0.7:8443"],
  "https://gateway.example.com/anthropic/",
  "http://localhost:8080",
  "http://127.0.0.1:1/v1",
  "http://[::1]:1",
])("the base URL %s is taken", (url) => {
  expect(
    ids({
      env: { ANTHROPIC_API_KEY: "k", ANTHROPIC_BASE_URL: url, OPENAI_API_KEY: "k", OPENAI_BASE_URL: url },
    }),
  ).toHaveLength(3);
});

test("plain http to another machine is for Ollama only", () => {
  expect(ids({ env: { OLLAMA_BASE_URL: "http://192.168.1.20:11434" } })).toContain("ollama");
  expect(refusal({ env: { OLLAMA_BASE_URL: "file:///tmp" } })).toContain("OLLAMA_BASE_URL must start with");
});

test("a key or a header that cannot be sent is refused by the name of its setting, not by its text", () => {
  expect(refusal({ env: { OPENAI_API_KEY: "sk-abc\ndef" } })).toStartWith(
    "invalid_request: OPENAI_API_KEY holds",
  );
  expect(refusal({ config: { anthropic: { apiKey: "sk-“abc”" } } })).toStartWith(
    "invalid_request: anthropic.apiKey holds",
  );
  expect(refusal({ env: { OPENAI_API_KEY: "k" }, config: { openai: { title: "ti\r\ntle" } } })).toStartWith(
    "invalid_request: openai.title",
  );
});

test.each(["anthropic", "openai", "ollama", "gemini", "vertex", "bedrock", "nearai", "venice"])(
  "what %s needs is asked for where it is taken",
  (prefix) => {
    const found = build({}).find(prefix);
    const say = found.ok ? "" : found.say;
    const key = prefix === "gemini" ? "google.apiKey" : `${prefix}.apiKey`;
    const isByKey = ["anthropic", "openai", "gemini", "nearai", "venice"].includes(prefix);
    expect(say).toEndWith(isByKey ? `cara secrets set ${key}` : "cara config path");
    // It refuses keys and their addresses.
    expect(say).not.toContain("config set");
  },
);

test("a provider that is not set up is said how to set up", () => {
  expect(build({}).get("anthropic")).toBeUndefined();
  expect(build({}).find("anthropic")).toMatchObject({
    ok: false,
    say: expect.stringContaining("ANTHROPIC_API_KEY"),
  });
  expect(build({}).find("offline")).toEqual({ ok: true, value: offline });
  expect(build({}).find("__proto__")).toMatchObject({
    ok: false,
    say: expect.stringContaining("no such provider"),
  });
});

test("the model of those who chose none is that of the first provider set up", async () => {
  const both = { ANTHROPIC_API_KEY: "k", OPENAI_API_KEY: "k", OLLAMA_BASE_URL: "http://localhost:1" };
  expect(await build({ env: both }).defaultModel()).toEqual({
    ok: true,
    value: "anthropic:claude-sonnet-4-6",
  });
  expect(await build({ env: { ...both, ANTHROPIC_API_KEY: "" } }).defaultModel()).toEqual({
    ok: true,
    value: "openai:gpt-5.5",
  });
  expect(await build({}).defaultModel()).toEqual({ ok: true, value: "offline:basic" });
});

test("Ollama is asked for its first model once, and only when it is needed", async () => {
  await using server = await startVendorServer();
  const set = build({ env: { OLLAMA_BASE_URL: `${server.origin}/v1`, OLLAMA_API_KEY: "k" } });
  expect(server.requests).toHaveLength(0);
  server.reply(ollamaTags(["qwen3-coder:30b", "llama3.2:latest"]));
  expect(await Promise.all([set.defaultModel(), set.defaultModel()])).toEqual([
    { ok: true, value: "ollama:qwen3-coder:30b" },
    { ok: true, value: "ollama:qwen3-coder:30b" },
  ]);
  expect(
    server.requests.map(({ method, path, headers }) => [method, path, headers["authorization"]]),
  ).toEqual([["GET", "/api/tags", "Bearer k"]]);
});

test("an Ollama without models or in trouble is told, not replaced, and asked again", async () => {
  await using server = await startVendorServer();
  const set = build({ env: { OLLAMA_BASE_URL: server.origin } });
  server.reply(
    ollamaTags([]),
    ollamaError(500, "no"),
    { kind: "http", body: "<html>" },
    ollamaTags(["qwen3"]),
  );
  expect(await set.defaultModel()).toMatchObject({
    ok: false,
    code: "missing_model",
    say: expect.stringContaining("ollama pull"),
  });
  expect(await set.defaultModel()).toMatchObject({
    ok: false,
    code: "unavailable",
    say: expect.stringContaining("HTTP 500"),
  });
  expect(await set.defaultModel()).toMatchObject({
    ok: false,
    say: expect.stringContaining("not the Ollama API"),
  });
  expect(await set.defaultModel()).toEqual({ ok: true, value: "ollama:qwen3" });
});

test("every setting of a provider changes its fingerprint, and nothing else does", () => {
  const base = {
    ANTHROPIC_API_KEY: "k",
    ANTHROPIC_BASE_URL: "https://a.example",
    OPENAI_API_KEY: "k",
    OPENAI_BASE_URL: "https://o.example",
    OPENAI_HTTP_REFERER: "r",
    OPENAI_TITLE: "t",
    OLLAMA_BASE_URL: "http://localhost:1",
    OLLAMA_API_KEY: "k",
    GOOGLE_API_KEY: "k",
    GOOGLE_API_BASE_URL: "https://g.example",
    NEARAI_API_KEY: "k",
    NEARAI_BASE_URL: "https://n.example",
    VENICE_API_KEY: "k",
    VENICE_BASE_URL: "https://v.example",
    AWS_REGION: "us-east-1",
    AWS_ACCESS_KEY_ID: "k",
    AWS_SECRET_ACCESS_KEY: "k",
    AWS_SESSION_TOKEN: "k",
    VERTEX_PROJECT_ID: "my-project",
    VERTEX_LOCATION: "us-central1",
    VERTEX_MODEL: "gemini-2.5-pro",
    VERTEX_GLOBAL_MODELS: "gemini-3*",
    CARAPACE_GCLOUD_TOKEN_TIMEOUT_MS: "2000",
  };
  const { fingerprint } = build({ env: base });
  expect(Object.values(fingerprint).every((one) => /^[0-9a-f]{16}$/.test(one))).toBe(true);
  for (const name of Object.keys(base)) {
    const changed = build({
      env: { ...base, [name]: otherValue(name) },
    }).fingerprint;
    expect([name, isDeepStrictEqual(changed, fingerprint)]).toEqual([name, false]);
  }
  expect(build({ env: { ...base, EDITOR: "/x", ANTHROPIC_API_KEY: " k " } }).fingerprint).toEqual(
    fingerprint,
  );
});

function otherValue(name: string): string {
  if (name.endsWith("URL")) return "http://localhost:2";
  return otherValues[name] ?? "other";
}

const otherValues: Readonly<Record<string, string>> = {
  AWS_REGION: "us-west-2",
  VERTEX_PROJECT_ID: "other-project",
  VERTEX_LOCATION: "us-west1",
  VERTEX_GLOBAL_MODELS: "gemini-2*",
  CARAPACE_GCLOUD_TOKEN_TIMEOUT_MS: "3000",
};

test("a Bedrock section that cannot work leaves Bedrock out, says why, and keeps the others", () => {
  const env = { OPENAI_API_KEY: "k" };
  const keys = { accessKeyId: "AKIA", secretAccessKey: "s" };
  const cases = [
    [{ region: "us-east-1", accessKeyId: "AKIA" }, /no AWS_SECRET_ACCESS_KEY or bedrock\.secretAccessKey/],
    [{ ...keys, region: "us-east-1.evil.example/" }, /bedrock\.region is not an AWS region/],
    [{ ...keys, region: "us-east-1", secretAccessKey: "a\u0000b" }, /bedrock\.secretAccessKey holds/],
  ] as const;
  for (const [bedrock, says] of cases) {
    const set = build({ env, config: { bedrock } });
    expect(set.list().map(({ id }) => id)).toEqual(["openai", "offline"]);
    expect(set.warnings).toEqual([expect.stringMatching(says)]);
    expect(set.find("bedrock")).toMatchObject({ ok: false, say: expect.stringMatching(says) });
  }
  expect(ids({ config: { bedrock: { ...keys, region: "us-east-1", enabled: false } } })).toEqual(["offline"]);
});

test("AWS's variables alone make Bedrock ready, but choose nothing for its owner", async () => {
  const env = { AWS_DEFAULT_REGION: "us-east-1", AWS_ACCESS_KEY_ID: "AKIA", AWS_SECRET_ACCESS_KEY: "s" };
  expect(ids({ env })).toEqual(["bedrock", "offline"]);
  expect(await build({ env }).defaultModel()).toEqual({ ok: true, value: "offline:basic" });
  expect(await build({ env, config: { bedrock: {} } }).defaultModel()).toMatchObject({
    ok: false,
    code: "missing_model",
  });
  expect(build({ env: { AWS_REGION: "us-east-1" } }).warnings).toEqual([]);
  const bearer = { AWS_REGION: "us-east-1", AWS_BEARER_TOKEN_BEDROCK: "k" };
  expect(ids({ env: bearer })).toEqual(["bedrock", "offline"]);
  const changed = build({ env: { ...bearer, AWS_BEARER_TOKEN_BEDROCK: "k2" } }).fingerprint;
  expect(changed).not.toEqual(build({ env: bearer }).fingerprint);
});

test("stored sign-ins that nothing opens are warned about, by the setting that names them", () => {
  const { warnings } = build({
    config: { anthropic: { authProfile: "p" }, google: { authProfile: "p" }, codex: { authProfile: "p" } },
  });
  expect(warnings).toHaveLength(3);
  expect(warnings.join(" ")).toMatch(/anthropic\.authProfile.*google\.authProfile.*codex\.authProfile/);
});
