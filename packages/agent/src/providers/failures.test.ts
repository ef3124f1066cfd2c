import { expect, test } from "bun:test";
import { anthropicError, ollamaError, openaiError, openaiReply, type Reply } from "../../testing/index.ts";
import { collect, request, startVendor, type VendorId } from "../../testing/providers.ts";
import type { ProviderFailure } from "../types.ts";

const key = "sk-ant-api03-test-key-0123456789";

/** Each documented error body, the code it becomes, and what its sentence must tell. */
const cases: readonly [VendorId, string, Reply, ProviderFailure["code"], RegExp][] = [
  [
    "anthropic",
    "401",
    anthropicError(401, { type: "authentication_error", message: "invalid x-api-key" }),
    "auth",
    /ANTHROPIC_API_KEY/,
  ],
  [
    "anthropic",
    "403",
    anthropicError(403, {
      type: "permission_error",
      message: "Your API key does not have permission to use the specified resource.",
    }),
    "auth",
    /ANTHROPIC_API_KEY/,
  ],
  [
    "anthropic",
    "404 model",
    anthropicError(404, { type: "not_found_error", message: "model: claude-nope" }),
    "no_such_model",
    /claude-nope.*cara config set/,
  ],
  [
    "anthropic",
    "400 too long",
    anthropicError(400, {
      type: "invalid_request_error",
      message: "prompt is too long: 208310 tokens > 200000 maximum",
    }),
    "context_overflow",
    /\/new/,
  ],
  [
    "anthropic",
    "413",
    anthropicError(413, { type: "request_too_large", message: "Request exceeds the maximum size" }),
    "context_overflow",
    /too long/,
  ],
  [
    "anthropic",
    "400 credit",
    anthropicError(400, {
      type: "invalid_request_error",
      message: "Your credit balance is too low to access the Anthropic API.",
    }),
    "quota",
    /credit/,
  ],
  [
    "anthropic",
    "400",
    anthropicError(400, { type: "invalid_request_error", message: "messages.0: unexpected role" }),
    "bad_request",
    /HTTP 400.*cara logs/,
  ],
  [
    "anthropic",
    "429",
    anthropicError(
      429,
      { type: "rate_limit_error", message: "This request would exceed your rate limit" },
      { "retry-after": "90" },
    ),
    "rate_limit",
    /in 90 seconds/,
  ],
  [
    "anthropic",
    "500",
    anthropicError(500, { type: "api_error", message: "Internal server error" }),
    "overloaded",
    /HTTP 500/,
  ],
  [
    "anthropic",
    "529",
    anthropicError(529, { type: "overloaded_error", message: "Overloaded" }),
    "overloaded",
    /HTTP 529/,
  ],
  [
    "openai",
    "401",
    openaiError(401, { message: "Incorrect API key provided: sk-proj-****6789.", code: "invalid_api_key" }),
    "auth",
    /OPENAI_API_KEY/,
  ],
  [
    "openai",
    "403 model",
    openaiError(403, {
      message: "Project `proj_x` does not have access to model `gpt-nope`",
      code: "model_not_found",
    }),
    "no_such_model",
    /claude-nope/,
  ],
  [
    "openai",
    "404 model",
    openaiError(404, {
      message: "The model `gpt-nope` does not exist or you do not have access to it.",
      code: "model_not_found",
    }),
    "no_such_model",
    /cara config set/,
  ],
  [
    "openai",
    "400 too long",
    openaiError(400, {
      message:
        "This model's maximum context length is 128000 tokens. However, your messages resulted in 150000 tokens.",
      param: "messages",
      code: "context_length_exceeded",
    }),
    "context_overflow",
    /\/new/,
  ],
  [
    "openai",
    "429 quota",
    openaiError(429, {
      message: "You exceeded your current quota, please check your plan and billing details.",
      type: "insufficient_quota",
      code: "insufficient_quota",
    }),
    "quota",
    /OPENAI_API_KEY/,
  ],
  [
    "openai",
    "429",
    openaiError(
      429,
      { message: "Rate limit reached for gpt-5.5", type: "tokens", code: "rate_limit_exceeded" },
      { "retry-after": "3600" },
    ),
    "rate_limit",
    /60 minutes/,
  ],
  [
    "openai",
    "400 content",
    openaiError(400, { message: "Filtered.", code: "content_filter" }),
    "content_filter",
    /content rules/,
  ],
  [
    "openai",
    "500",
    openaiError(500, {
      message: "The server had an error while processing your request",
      type: "server_error",
    }),
    "overloaded",
    /HTTP 500/,
  ],
  [
    "openai",
    "503",
    openaiError(503, { message: "The engine is currently overloaded", type: "server_error" }),
    "overloaded",
    /HTTP 503/,
  ],
  [
    "openai",
    "404 path",
    {
      kind: "http",
      status: 404,
      headers: { "content-type": "text/html" },
      body: "<html><h1>404 Not Found</h1></html>",
    },
    "bad_request",
    /OPENAI_BASE_URL/,
  ],
  [
    "openai",
    "200 page",
    {
      kind: "http",
      headers: { "content-type": "text/html" },
      body: "<html>Sign in to the hotel network</html>",
    },
    "bad_response",
    /not the .* API.*OPENAI_BASE_URL/,
  ],
  [
    "openai",
    "502 page",
    {
      kind: "http",
      status: 502,
      headers: { "content-type": "text/html" },
      body: "<html><h1>502 Bad Gateway</h1></html>",
    },
    "overloaded",
    /HTTP 502/,
  ],
  [
    "openai",
    "302",
    { kind: "http", status: 302, headers: { location: "https://elsewhere.example/v1" }, body: "" },
    "bad_response",
    /OPENAI_BASE_URL/,
  ],
  [
    "ollama",
    "404 model",
    ollamaError(404, "model 'claude-nope' not found"),
    "no_such_model",
    /ollama pull claude-nope$/,
  ],
  [
    "ollama",
    "400 tools",
    ollamaError(400, "registry.ollama.ai/library/gemma:2b does not support tools"),
    "bad_request",
    /cannot use tools/,
  ],
  [
    "ollama",
    "400 too long",
    ollamaError(400, "the input length exceeds the context length"),
    "context_overflow",
    /\/new/,
  ],
  ["ollama", "500", ollamaError(500, "model runner has unexpectedly stopped"), "overloaded", /Ollama/],
  ["ollama", "401", { kind: "http", status: 401, body: "unauthorized" }, "auth", /OLLAMA_API_KEY/],
];

for (const [vendorId, name, reply, code, says] of cases) {
  test(`${vendorId}: ${name} is told as ${code}, in a sentence that says what to do`, async () => {
    await using vendor = await startVendor(vendorId);
    vendor.server.otherwise(() => reply);
    const told = await collect(vendor.provider, request({ model: "claude-nope" }));
    expect(told).toHaveLength(1);
    const [event] = told;
    if (event?.kind !== "failed") throw new Error("not failed");
    expect(event.failure.code).toBe(code);
    expect(event.failure.say).toMatch(says);
    for (const text of [event.failure.say, event.failure.detail ?? ""]) {
      expect(Buffer.byteLength(text)).toBeLessThanOrEqual(500);
      expect(text).not.toMatch(/https?:|127\.0\.0\.1/);
    }
  });
}

test("a key that the vendor repeats in its error is in neither the sentence nor the detail", async () => {
  await using vendor = await startVendor("anthropic");
  const message = `invalid x-api-key: ${key}; authorization: Bearer abc.def-123; see https://user:pw@host.example/${key}`;
  vendor.server.reply(anthropicError(401, { type: "authentication_error", message }));
  const [event] = await collect(vendor.provider);
  const told = JSON.stringify(event);
  expect(told).toContain("[REDACTED]");
  expect(told).not.toMatch(/test-key|abc\.def|host\.example|sk-ant/);
});

test("an error body of any size is read to 256 KiB and told in 500 bytes", async () => {
  await using vendor = await startVendor("openai");
  vendor.server.reply({ kind: "http", status: 400, body: "é".repeat(1024 * 1024) });
  const [event] = await collect(vendor.provider);
  if (event?.kind !== "failed") throw new Error("not failed");
  expect(Buffer.byteLength(event.failure.detail ?? "")).toBeLessThanOrEqual(500);
});

test("an error body that never ends is told by its status", async () => {
  await using vendor = await startVendor("openai", { limits: { idleTimeoutMs: 30 } });
  vendor.server.reply({ kind: "http", status: 401, body: '{"error":', ending: "hang" });
  expect(await collect(vendor.provider)).toMatchObject([{ kind: "failed", failure: { code: "auth" } }]);
});

test("a server that is not there is unreachable after three tries, and Ollama is to be started", async () => {
  const gone = await startVendor("ollama");
  await gone[Symbol.asyncDispose]();
  const [event] = await collect(gone.provider);
  expect(event).toMatchObject({ kind: "failed", failure: { code: "network" } });
  expect(JSON.stringify(event)).toContain("ollama serve");
  expect(gone.waits).toHaveLength(2);
});

test("a host without an address is told at once", async () => {
  await using vendor = await startVendor("openai", {
    env: { OPENAI_BASE_URL: "https://no-such-host.invalid" },
  });
  expect(await collect(vendor.provider)).toMatchObject([{ kind: "failed", failure: { code: "network" } }]);
  expect(vendor.waits).toEqual([]);
});

test("a model name from the config cannot bring shell characters into a sentence", async () => {
  await using vendor = await startVendor("ollama");
  vendor.server.otherwise(() => ollamaError(404, "model not found"));
  const [event] = await collect(vendor.provider, request({ model: "x; rm -rf ~" }));
  expect(JSON.stringify(event)).toContain("ollama pull x??rm?-rf??");
});

test("a server of somebody else's is not called OpenAI", async () => {
  await using vendor = await startVendor("openai");
  vendor.server.reply(openaiReply({ deltas: [], finishReason: "content_filter" }));
  expect(JSON.stringify(await collect(vendor.provider))).toContain("The OpenAI-compatible server declined");
});

test("a server that only speaks like OpenAI is named in whole sentences", async () => {
  const quota = {
    message: "You exceeded your quota",
    type: "insufficient_quota",
    code: "insufficient_quota",
  };
  for (const reply of [openaiError(429, quota), openaiError(404, { message: "no such page" })]) {
    await using vendor = await startVendor("openai");
    vendor.server.otherwise(() => reply);
    const told = JSON.stringify(await collect(vendor.provider));
    expect(told).toContain("OpenAI-compatible");
    expect(told).not.toMatch(/[a-z] The |the The/);
  }
});
