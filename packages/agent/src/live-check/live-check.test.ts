import { expect, test } from "bun:test";
import { Secret } from "@carapace/config";
import { jsonReply, ollamaTags, startVendorServer } from "../../testing/index.ts";
import { listOllamaModels, liveCheck } from "./index.ts";
import type { LiveCheckDeps } from "./types.ts";

const deps: LiveCheckDeps = { nowMs: () => 0, lookup: () => undefined };
const key = new Secret("sk-test-key-0123456789");

const models = { data: [{ id: "gpt-5.5", object: "model" }], object: "list" };
const refusedKey = {
  error: { message: "Incorrect API key provided: sk-test-key-0123456789", code: "invalid_api_key" },
};

test.each([
  ["anthropic", "/v1/models?limit=1000", "x-api-key", key.reveal()],
  ["openai", "/v1/models", "authorization", `Bearer ${key.reveal()}`],
  ["nearai", "/v1/models", "authorization", `Bearer ${key.reveal()}`],
  ["venice", "/v1/api_keys/rate_limits", "authorization", `Bearer ${key.reveal()}`],
] as const)("%s is asked what its key is for, and the key goes where it belongs", async (provider, ...at) => {
  await using server = await startVendorServer();
  server.reply(jsonReply(200, models));
  const result = await liveCheck({ provider, key, baseUrl: `${server.origin}/v1/` }, deps);
  expect(result.status).toBe("pass");
  const [path, header, value] = at;
  expect(server.requests.map((one) => [one.method, one.path, one.headers[header]])).toEqual([
    ["GET", path, value],
  ]);
});

test("a refused key fails the check, in our words and without the key", async () => {
  await using server = await startVendorServer();
  server.reply(jsonReply(401, refusedKey));
  const result = await liveCheck({ provider: "openai", key, baseUrl: server.origin }, deps);
  expect(result).toEqual({
    status: "fail",
    detail: "OpenAI refused the key (HTTP 401).",
    remediation: "Check the OpenAI key.",
  });
});

test.each([
  [
    { kind: "http", status: 302, headers: { location: "http://127.0.0.1:1/" }, body: "" } as const,
    /elsewhere/,
  ],
  [{ kind: "http", body: "<html>hello</html>" } as const, /not the OpenAI API/],
  [{ kind: "reset" } as const, /broke off/],
  [jsonReply(503, { error: { message: "no" } }), /overloaded|error of its own/],
])("whatever else a server answers fails the check in words, without its address", async (reply, said) => {
  await using server = await startVendorServer();
  server.reply(reply);
  const result = await liveCheck({ provider: "openai", key, baseUrl: server.origin }, deps);
  expect(result.status).toBe("fail");
  expect(result.detail).toMatch(said);
  expect(JSON.stringify(result)).not.toMatch(/127\.0\.0\.1|https?:/);
});

test("a model that is not listed is pointed out, as lists need not be whole", async () => {
  await using server = await startVendorServer();
  server.otherwise(() => jsonReply(200, models));
  const at = { provider: "openai", key, baseUrl: server.origin } as const;
  expect(await liveCheck({ ...at, model: "gpt-5.5" }, deps)).toEqual({
    status: "pass",
    detail: "OpenAI takes the key.",
  });
  const other = await liveCheck({ ...at, model: "gpt-6\u001b" }, deps);
  expect(other).toMatchObject({ status: "pass", detail: expect.stringContaining("The model gpt-6? is not") });
});

test("a check that is stopped proves nothing", async () => {
  await using server = await startVendorServer();
  server.reply({ kind: "silence" });
  const stop = new AbortController();
  const check = liveCheck(
    { provider: "anthropic", key, baseUrl: server.origin },
    { ...deps, signal: stop.signal },
  );
  await server.received(1);
  stop.abort();
  expect((await check).status).toBe("skip");
});

test("Gemini is asked with a key, or with a sign-in's token", async () => {
  await using server = await startVendorServer();
  server.otherwise(() => jsonReply(200, { models: [{ name: "models/gemini-3-flash" }] }));
  const at = { provider: "gemini", baseUrl: server.origin, model: "gemini-3-flash" } as const;
  const token = async () => new Secret("ya29.token");
  const results = [
    await liveCheck({ ...at, credential: { kind: "key", key } }, deps),
    await liveCheck({ ...at, credential: { kind: "token", token } }, deps),
  ];
  expect(results.map((result) => result.detail)).toEqual([
    "Gemini takes the key.",
    "Gemini takes the sign-in.",
  ]);
  expect(
    server.requests.map(({ path, headers }) => [path, headers["x-goog-api-key"], headers["authorization"]]),
  ).toEqual([
    ["/v1beta/models?pageSize=1000", key.reveal(), undefined],
    ["/v1beta/models?pageSize=1000", undefined, "Bearer ya29.token"],
  ]);
});

test("Ollama tells which models it has; a missing one is said how to get", async () => {
  await using server = await startVendorServer();
  server.otherwise(() => ollamaTags(["qwen3:latest", "llama3.2:1b"]));
  const at = { provider: "ollama", baseUrl: server.origin } as const;
  expect(await liveCheck({ ...at, model: "qwen3" }, deps)).toEqual({
    status: "pass",
    detail: "Ollama runs and has qwen3:latest, llama3.2:1b.",
  });
  expect(await liveCheck({ ...at, model: "gemma3" }, deps)).toEqual({
    status: "fail",
    detail: "Ollama does not have the model gemma3; it has qwen3:latest, llama3.2:1b.",
    remediation: "Get it with: ollama pull gemma3",
  });
  expect(await listOllamaModels(`${server.origin}/v1`, key)).toEqual({
    ok: true,
    value: ["qwen3:latest", "llama3.2:1b"],
  });
  expect(server.requests.at(-1)?.headers["authorization"]).toBe(`Bearer ${key.reveal()}`);
});

test("an Ollama without models, and one that does not run, fail with what to do", async () => {
  await using server = await startVendorServer();
  server.reply(ollamaTags([]));
  const { origin } = server;
  expect(await liveCheck({ provider: "ollama", baseUrl: origin, model: "gemma3" }, deps)).toMatchObject({
    status: "fail",
    remediation: "Get one with: ollama pull gemma3",
  });
  await server[Symbol.asyncDispose]();
  expect(await liveCheck({ provider: "ollama", baseUrl: origin }, deps)).toEqual({
    status: "fail",
    detail: "Ollama does not run on this machine where it is expected.",
    remediation: "Start it with: ollama serve",
  });
  expect(await listOllamaModels(origin)).toMatchObject({ ok: false, code: "unavailable" });
});
