import { describe, expect, test } from "bun:test";
import { ollamaError, openaiError, openaiReply, startVendorServer } from "@carapace/agent/testing";
import { emptyHome } from "../../../testing/cara.ts";
import { configure, lines, prove } from "../../../testing/prove.ts";

const key = "sk-proj-test-key-0123456789";
const once = { "x-should-retry": "false" };
const local = ["PASS Gateway reachability", "FAIL Local chat roundtrip"];

type Reply = ReturnType<typeof openaiError>;

/** A chat with a model of OpenAI's, whose server answers this. */
async function chatWith(reply: Reply, more: Record<string, string> = {}) {
  await using vendor = await startVendorServer();
  vendor.otherwise(() => reply);
  using home = emptyHome();
  configure(home, { agents: { defaults: { model: "openai:gpt-test" } } });
  const env = { OPENAI_API_KEY: key, OPENAI_BASE_URL: vendor.origin, ...more };
  const report = await prove({ home, env, outcome: "local-chat" });
  expect(JSON.stringify(report)).not.toContain(key);
  return report;
}

test("a model's reply is a proof, with its name", async () => {
  const report = await chatWith(openaiReply({ deltas: [{ content: "ready" }] }));
  expect(report.ok).toBe(true);
  expect(report.checks[1]?.detail).toStartWith("openai:gpt-test replied within");
});

describe("each cause has its own advice", () => {
  test.each<[string, Reply, RegExp, RegExp]>([
    [
      "a refused key",
      openaiError(401, { message: `Incorrect API key provided: ${key}`, code: "invalid_api_key" }),
      /^The OpenAI-compatible server refused the key \(HTTP 401\): check OPENAI_API_KEY\.$/,
      /^check OPENAI_API_KEY: it must be valid at OpenAI and may use gpt-test/,
    ],
    [
      "no quota",
      openaiError(429, { message: "You exceeded your current quota", code: "insufficient_quota" }),
      /no credit or quota left/,
      /^top up the account behind OPENAI_API_KEY at OpenAI/,
    ],
    [
      "a rate limit",
      openaiError(429, { message: "slow down", type: "rate_limit_error" }, once),
      /takes no more requests/,
      /^wait a minute/,
    ],
    [
      "an unknown model",
      openaiError(404, { message: "The model `gpt-test` does not exist", code: "model_not_found" }),
      /has no model gpt-test/,
      /^choose a model that you may use at OpenAI, such as openai:\S+, with: cara config set agents\.defaults\.model/,
    ],
    [
      "an overload",
      openaiError(503, { message: "busy", type: "server_error" }, once),
      /overloaded/,
      /^run cara verify again in a few minutes/,
    ],
    [
      "something else",
      openaiError(400, { message: "no such parameter" }),
      /did not accept the request \(HTTP 400\)/,
      /^check OPENAI_API_KEY and the model \(openai:gpt-test\); cara logs says more/,
    ],
  ])("%s", async (_name, reply, detail, nextStep) => {
    const report = await chatWith(reply);
    expect(lines(report)).toEqual(local);
    expect(report.checks[1]).toMatchObject({
      detail: expect.stringMatching(detail),
      nextStep: expect.stringMatching(nextStep),
    });
  });

  test("no network, and another provider that is set up", async () => {
    using home = emptyHome();
    configure(home, { agents: { defaults: { model: "openai:gpt-test" } } });
    const env = {
      OPENAI_API_KEY: key,
      OPENAI_BASE_URL: "https://nowhere.invalid",
      ANTHROPIC_API_KEY: "sk-ant-1",
    };
    const { checks } = await prove({ home, env, outcome: "local-chat" });
    expect(checks[1]?.detail).toContain("cannot be reached");
    expect(checks[1]?.nextStep).toMatch(
      /^check the internet connection and OPENAI_BASE_URL or openai\.baseUrl; or switch to .*anthropic:/,
    );
  });

  test("an Ollama without the model", async () => {
    await using vendor = await startVendorServer();
    vendor.otherwise(() => ollamaError(404, "model 'qwen' not found"));
    using home = emptyHome();
    configure(home, { agents: { defaults: { model: "ollama:qwen" } } });
    const env = { OLLAMA_BASE_URL: vendor.origin };
    const { checks } = await prove({ home, env, outcome: "local-chat" });
    expect(checks[1]?.nextStep).toBe("fetch it with: ollama pull qwen");
  });

  test("an Ollama that does not run", async () => {
    using home = emptyHome();
    configure(home, { agents: { defaults: { model: "ollama:qwen" } } });
    const vendor = await startVendorServer();
    const env = { OLLAMA_BASE_URL: vendor.origin };
    await vendor[Symbol.asyncDispose]();
    const { checks } = await prove({ home, env, outcome: "local-chat" });
    expect(checks[1]?.nextStep).toStartWith("start Ollama (ollama serve), or correct OLLAMA_BASE_URL");
  });

  test("no provider", async () => {
    using home = emptyHome();
    configure(home, { agents: { defaults: { model: "anthropic:claude-x" } } });
    const { checks } = await prove({ home, outcome: "local-chat" });
    expect(checks[1]?.detail).toContain("Anthropic is not set up");
    expect(checks[1]?.nextStep).toBe(
      "set ANTHROPIC_API_KEY or anthropic.apiKey where the gateway starts, or run cara setup --merge --provider anthropic",
    );
  });

  test("an empty reply", async () => {
    const { checks } = await chatWith(openaiReply({ deltas: [] }));
    expect(checks[1]).toMatchObject({ status: "FAIL", detail: "the reply was empty" });
    expect(checks[1]?.nextStep).toContain("openai:gpt-test");
  });
});

describe("a route that cannot be", () => {
  test.each([
    ["gpt-5", /did you mean "openai:gpt-5"/],
    ["nobody:x", /unknown model provider "nobody"/],
  ])("%s", async (model, detail) => {
    using home = emptyHome();
    configure(home, { agents: { defaults: { model } } });
    const report = await prove({ home });
    expect(lines(report)).toEqual(["FAIL Configuration"]);
    expect(report.checks[0]?.detail).toMatch(detail);
    expect(report.checks[0]?.nextStep).toContain("cara config set agents.defaults.model");
  });

  test("a variable that is not set, and a second error beside it", async () => {
    using home = emptyHome();
    configure(home, { openai: { apiKey: `${"$"}{MY_KEY}` }, agents: { defaults: { model: "gpt-5" } } });
    const unset = await prove({ home });
    expect(unset.checks[0]?.detail).toContain("the variable MY_KEY is not set");
    expect(unset.checks[0]?.nextStep).toStartWith(
      "export it in the shell that starts the gateway and in this one",
    );
    configure(home, { agents: { defaults: { model: "gpt-5" } }, gateway: { auth: { mode: "word" } } });
    const two = await prove({ home });
    expect(two.checks[0]?.detail).toEndWith("(and 1 more)");
  });

  test("a file that does not parse", async () => {
    using home = emptyHome();
    configure(home, "{ nothing");
    const report = await prove({ home, outcome: "hooks" });
    expect(report).toMatchObject({ ok: false, outcome: "hooks" });
    expect(report.checks).toMatchObject([{ name: "Configuration", status: "FAIL" }]);
    expect(report.checks[0]?.nextStep).toContain("cara config validate");
  });
});
