import { expect, test } from "bun:test";
import { Secret } from "@carapace/config";
import { ok, refuse } from "@carapace/protocol";
import { jsonReply, startVendorServer } from "../../testing/index.ts";
import {
  callDepsOf,
  collect,
  quickDeps,
  request,
  settingsOf,
  textOfEvents,
} from "../../testing/providers.ts";
import { type ResponsesReply, responsesReply } from "../../testing/vendors/responses.ts";
import { createCodexProvider } from "./codex-provider.ts";
import type { FreshToken } from "./credential.ts";
import { createProviders } from "./index.ts";

async function startCodex(token?: FreshToken) {
  const server = await startVendorServer();
  const refusedTokens: string[] = [];
  const usual: FreshToken = async ({ refused }) => {
    if (refused) refusedTokens.push(refused.reveal());
    const accessToken = new Secret(refused ? "planted-second" : "planted-first");
    return ok({ profileId: "openai-1", accessToken, accountId: "account-7" });
  };
  const baseUrl = `${server.origin}/backend-api/codex`;
  const provider = createCodexProvider({ token: token ?? usual, baseUrl }, callDepsOf(quickDeps()));
  return { server, provider, refusedTokens, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

const said: ResponsesReply = { text: ["Grüß ", "dich"] };
const refusal = jsonReply(401, { detail: "Unauthorized" });

test("a request goes to the Responses API with the account that pays, and without what that refuses", async () => {
  await using codex = await startCodex();
  codex.server.reply(responsesReply(said));
  const asked = request({
    model: "DEFAULT",
    system: "Be brief.",
    temperature: 0.3,
    reply: { topP: 1, effort: "low" },
  });
  expect(await collect(codex.provider, asked)).toEqual([
    { kind: "text", delta: "Grüß " },
    { kind: "text", delta: "dich" },
    {
      kind: "stop",
      reason: "end_turn",
      usage: { inputTokens: 40, outputTokens: 12, cacheReadTokens: 30, reasoningTokens: 5 },
    },
  ]);
  const [received] = codex.server.requests;
  expect(received?.path).toBe("/backend-api/codex/responses");
  expect(received?.headers).toMatchObject({
    authorization: "Bearer planted-first",
    "chatgpt-account-id": "account-7",
    originator: "carapace",
  });
  const body = JSON.parse(received?.body ?? "{}");
  expect(body).toMatchObject({
    ...{ model: "gpt-5.5", store: false, stream: true, instructions: "Be brief." },
    input: [{ role: "user" }],
    reasoning: { effort: "low" },
  });
  expect(Object.keys(body)).not.toContain("max_output_tokens");
  expect(Object.keys(body)).not.toContain("temperature");
  expect(Object.keys(body)).not.toContain("top_p");
});

test("a call comes whole, and its result goes back by its id", async () => {
  await using codex = await startCodex();
  const call = { id: "call_9", name: "find", arguments: '{"q":"x"}' };
  codex.server.reply(responsesReply({ call }), responsesReply(said));
  const tools = [{ name: "find", description: "Finds.", inputSchema: { type: "object", properties: {} } }];
  expect(await collect(codex.provider, request({ tools }))).toMatchObject([
    { kind: "tool_use", id: "call_9", name: "find", input: { q: "x" } },
    { kind: "stop", reason: "tool_use" },
  ]);
  const origin = { kind: "owner" } as const;
  await collect(
    codex.provider,
    request({
      tools,
      messages: [
        { role: "user", blocks: [{ type: "text", text: "go", origin }] },
        { role: "assistant", blocks: [{ type: "tool_use", id: "call_9", name: "find", input: { q: "x" } }] },
        {
          role: "user",
          blocks: [
            {
              type: "tool_result",
              toolUseId: "call_9",
              name: "find",
              content: "found",
              isError: false,
              origin,
            },
          ],
        },
      ],
    }),
  );
  const { input } = JSON.parse(codex.server.requests[1]?.body ?? "{}");
  expect(input.slice(1)).toMatchObject([
    { type: "function_call", call_id: "call_9", name: "find" },
    { type: "function_call_output", call_id: "call_9", output: "found" },
  ]);
});

test.each([
  ["max_output_tokens", { kind: "stop", reason: "max_tokens" }],
  ["content_filter", { kind: "failed", failure: { code: "content_filter" } }],
])("a response that is incomplete for %s says so", async (reason, expected) => {
  await using codex = await startCodex();
  codex.server.reply(responsesReply({ ...said, outcome: { kind: "incomplete", reason } }));
  expect((await collect(codex.provider)).at(-1)).toMatchObject(expected);
});

test("a stream that is cut, and one that fails, are failures", async () => {
  await using codex = await startCodex();
  codex.server.reply(responsesReply({ ...said, outcome: { kind: "cut" } }));
  expect((await collect(codex.provider)).at(-1)).toMatchObject({
    kind: "failed",
    failure: { code: "network" },
  });
  const failed = { kind: "failed", code: "rate_limit_exceeded", message: "Slow down." } as const;
  codex.server.reply(responsesReply({ ...said, outcome: failed }));
  expect((await collect(codex.provider)).at(-1)).toMatchObject({
    kind: "failed",
    failure: { code: "rate_limit" },
  });
});

test("a token that is refused is renewed once, and the reply comes as if nothing had been", async () => {
  await using codex = await startCodex();
  codex.server.reply(refusal, responsesReply(said));
  expect(textOfEvents(await collect(codex.provider))).toBe("Grüß dich");
  expect(codex.refusedTokens).toEqual(["planted-first"]);
  expect(codex.server.requests[1]?.headers["authorization"]).toBe("Bearer planted-second");
});

test("a renewed token that is refused too is the end, told without it", async () => {
  await using codex = await startCodex();
  codex.server.reply(refusal, jsonReply(401, { detail: "no planted-second" }));
  const events = await collect(codex.provider);
  expect(events).toMatchObject([{ kind: "failed", failure: { code: "auth" } }]);
  expect(JSON.stringify(events)).toContain("codex.authProfile");
  expect(JSON.stringify(events)).not.toContain("planted");
  expect(codex.server.requests).toHaveLength(2);
});

test("a sign-in that has to be made anew, and a sign-in server that is down, are told as they are", async () => {
  await using dead = await startCodex(async () => refuse("unauthorized", "Sign in anew."));
  expect(await collect(dead.provider)).toEqual([
    { kind: "failed", failure: { code: "auth", say: "Sign in anew." } },
  ]);
  await using down = await startCodex(async () => refuse("unavailable", "Try later."));
  expect(await collect(down.provider)).toMatchObject([{ failure: { code: "network", say: "Try later." } }]);
  expect(dead.server.requests).toHaveLength(0);
});

test("the subscription's own limit is no credit left, not a moment's patience", async () => {
  await using codex = await startCodex();
  const error = {
    type: "usage_limit_reached",
    message: "The usage limit has been reached",
    resets_in_seconds: 5000,
  };
  codex.server.reply(jsonReply(429, { error }));
  expect(await collect(codex.provider)).toMatchObject([{ kind: "failed", failure: { code: "quota" } }]);
  expect(codex.server.requests).toHaveLength(1);
});

test("a profile without the config password is absent, and says what to set", () => {
  const config = { codex: { authProfile: "openai-1" }, anthropic: { authProfile: "anthropic:default" } };
  const set = createProviders(settingsOf({ config }), quickDeps());
  if (!set.ok) throw new Error(set.say);
  expect(set.value.list()).toEqual([]);
  expect(set.value.find("codex")).toMatchObject({
    code: "provider_not_configured",
    say: expect.stringContaining("CARAPACE_CONFIG_PASSWORD"),
  });
  expect(set.value.warnings).toHaveLength(2);
  const opened = createProviders(settingsOf({ config, env: { CARAPACE_CONFIG_PASSWORD: "x" } }), quickDeps());
  expect(
    opened.ok &&
      opened.value
        .list()
        .map(({ id }) => id)
        .sort(),
  ).toEqual(["anthropic", "codex"]);
});

test("where there are no stored sign-ins to use, a call says so", async () => {
  const config = { codex: { authProfile: "openai-1" } };
  const set = createProviders(settingsOf({ config, env: { CARAPACE_CONFIG_PASSWORD: "x" } }), quickDeps());
  const provider = set.ok ? set.value.get("codex") : undefined;
  if (provider === undefined) throw new Error("no codex");
  expect(await collect(provider)).toMatchObject([{ kind: "failed" }]);
});
