import { expect, test } from "bun:test";
import { Secret } from "@carapace/config";
import { ok, refuse } from "@carapace/protocol";
import {
  eventStream,
  googleError,
  googleEvent,
  googleReply,
  startVendorServer,
} from "../../testing/index.ts";
import {
  callDepsOf,
  collect,
  owner,
  quickDeps,
  request,
  startVendor,
  textOfEvents,
} from "../../testing/providers.ts";
import type { ModelRequest } from "../types.ts";
import { createGeminiProvider } from "./gemini-provider.ts";

const tools: ModelRequest["tools"] = [
  {
    name: "find",
    description: "Finds.",
    inputSchema: { type: "object", properties: { q: { type: "string" } }, additionalProperties: false },
  },
];

test("text arrives in the vendor's pieces; thinking counts as output, and is not shown", async () => {
  await using vendor = await startVendor("gemini");
  const usage = {
    promptTokenCount: 40,
    cachedContentTokenCount: 10,
    candidatesTokenCount: 5,
    thoughtsTokenCount: 20,
  };
  const parts = [{ text: "Let me see", thought: true }, { text: "Grüß" }, { text: " dich 👋" }] as const;
  vendor.server.reply(googleReply({ parts, usage }));
  expect(await collect(vendor.provider)).toEqual([
    { kind: "text", delta: "Grüß" },
    { kind: "text", delta: " dich 👋" },
    {
      kind: "stop",
      reason: "end_turn",
      usage: { inputTokens: 40, outputTokens: 25, cacheReadTokens: 10, reasoningTokens: 20 },
    },
  ]);
});

test("the request has the documented path, key and body; schemas keep what Google's older field refuses", async () => {
  await using vendor = await startVendor("gemini");
  vendor.server.reply(googleReply({ parts: [{ text: "ok" }] }));
  await collect(
    vendor.provider,
    request({ model: "gemini-2.5-flash", system: "Be brief.", tools, temperature: 0.2 }),
  );
  const [received] = vendor.server.requests;
  expect(received?.path).toBe("/v1beta/models/gemini-2.5-flash:streamGenerateContent?alt=sse");
  expect(received?.headers["x-goog-api-key"]).toBe("AIzaSyTest-key-0123456789");
  expect(received?.headers["authorization"]).toBeUndefined();
  expect(JSON.parse(received?.body ?? "")).toMatchObject({
    systemInstruction: { parts: [{ text: "Be brief." }] },
    contents: [{ role: "user", parts: [{ text: "What time is it?" }] }],
    generationConfig: { maxOutputTokens: 1024, temperature: 0.2 },
    tools: [
      {
        functionDeclarations: [
          { name: "find", parametersJsonSchema: { type: "object", additionalProperties: false } },
        ],
      },
    ],
  });
});

test("a call comes whole, with the signature that goes back with its result", async () => {
  await using vendor = await startVendor("gemini");
  const call = { functionCall: { name: "find", args: { q: "x" } }, thoughtSignature: "c2lnbmF0dXJl" };
  vendor.server.reply(googleReply({ parts: [call] }), googleReply({ parts: [{ text: "found" }] }));
  const model = "gemini-3-flash-preview";
  const told = await collect(vendor.provider, request({ model, tools }));
  const [asked] = told;
  expect(asked).toMatchObject({
    kind: "tool_use",
    name: "find",
    input: { q: "x" },
    metadata: { gemini: { thoughtSignature: "c2lnbmF0dXJl" } },
  });
  expect(told.at(-1)).toMatchObject({ kind: "stop", reason: "tool_use" });
  if (asked?.kind !== "tool_use") throw new Error("no call");
  const { id, name, input, metadata } = asked;
  expect(id).toMatch(/^[0-9a-f-]{36}$/);
  const messages: ModelRequest["messages"] = [
    { role: "user", blocks: [{ type: "text", text: "Find x", origin: owner }] },
    { role: "assistant", blocks: [{ type: "tool_use", id, name, input, metadata }] },
    {
      role: "user",
      blocks: [{ type: "tool_result", toolUseId: id, name, content: "42", isError: false, origin: owner }],
    },
  ];
  await collect(vendor.provider, request({ model, tools, messages }));
  const body = JSON.parse(vendor.server.requests[1]?.body ?? "");
  expect(body.contents[1]).toMatchObject({
    role: "model",
    parts: [{ functionCall: { name: "find", args: { q: "x" } }, thoughtSignature: "c2lnbmF0dXJl" }],
  });
  expect(body.contents[2].parts[0].functionResponse).toMatchObject({
    name: "find",
    response: { content: "42" },
  });
});

test("a signature larger than 64 KiB is left out", async () => {
  await using vendor = await startVendor("gemini");
  const call = { functionCall: { name: "find", args: {} }, thoughtSignature: "x".repeat(65_537) };
  vendor.server.reply(googleReply({ parts: [call] }));
  expect((await collect(vendor.provider))[0]).not.toHaveProperty("metadata");
});

test("MAX_TOKENS is told as such, even after a call", async () => {
  await using vendor = await startVendor("gemini");
  const parts = [{ text: "I" }, { functionCall: { name: "find", args: {} } }];
  vendor.server.reply(googleReply({ parts, finishReason: "MAX_TOKENS" }));
  expect((await collect(vendor.provider)).at(-1)).toMatchObject({ kind: "stop", reason: "max_tokens" });
});

test.each(["SAFETY", "RECITATION", "PROHIBITED_CONTENT", "MODEL_ARMOR"])(
  "%s keeps the words that came and drops the calls; without words it is told",
  async (finishReason) => {
    await using vendor = await startVendor("gemini");
    const call = { functionCall: { name: "find", args: {} } };
    vendor.server.reply(
      googleReply({ parts: [{ text: "Well" }, call], finishReason }),
      googleReply({ parts: [call], finishReason }),
    );
    const kept = await collect(vendor.provider);
    expect(kept.map((event) => event.kind)).toEqual(["text", "stop"]);
    expect(kept.at(-1)).toMatchObject({ reason: "end_turn" });
    expect(await collect(vendor.provider)).toMatchObject([
      { kind: "failed", failure: { code: "content_filter" }, usage: { inputTokens: 12 } },
    ]);
  },
);

test("a prompt that Google blocks is told, not answered with nothing", async () => {
  await using vendor = await startVendor("gemini");
  const blocked = googleEvent({
    promptFeedback: { blockReason: "PROHIBITED_CONTENT" },
    usageMetadata: { promptTokenCount: 9 },
  });
  vendor.server.reply(eventStream([blocked]));
  expect(await collect(vendor.provider)).toMatchObject([
    { kind: "failed", failure: { code: "content_filter" }, usage: { inputTokens: 9 } },
  ]);
});

test.each(["MALFORMED_FUNCTION_CALL", "UNEXPECTED_TOOL_CALL", "TOO_MANY_TOOL_CALLS"])(
  "%s is tried again as long as nothing was said, then told with what it cost",
  async (finishReason) => {
    await using vendor = await startVendor("gemini");
    vendor.server.otherwise(() => googleReply({ parts: [], finishReason }));
    expect(await collect(vendor.provider)).toMatchObject([
      { kind: "failed", failure: { code: "bad_response" }, usage: { inputTokens: 12 } },
    ]);
    expect(vendor.server.requests).toHaveLength(3);
  },
);

test("a call without a name fails the reply", async () => {
  await using vendor = await startVendor("gemini");
  vendor.server.reply(googleReply({ parts: [{ functionCall: { args: {} } }] }));
  expect(await collect(vendor.provider)).toMatchObject([
    { kind: "failed", failure: { code: "bad_response" } },
  ]);
});

test("an error in the middle of a stream fails it", async () => {
  await using vendor = await startVendor("gemini");
  const error = { error: { code: 503, message: "The model is overloaded.", status: "UNAVAILABLE" } };
  const text = googleEvent({ candidates: [{ content: { parts: [{ text: "Hi" }], role: "model" } }] });
  vendor.server.reply(eventStream([text, [`data: ${JSON.stringify(error)}`]]));
  const told = await collect(vendor.provider);
  expect(textOfEvents(told)).toBe("Hi");
  expect(told.at(-1)).toMatchObject({ kind: "failed", failure: { code: "overloaded" } });
});

const perMinute = {
  message:
    "You exceeded your current quota, please check your plan and billing details. Please retry in 2.5s.",
  details: [
    {
      "@type": "type.googleapis.com/google.rpc.QuotaFailure",
      violations: [{ quotaId: "GenerateRequestsPerMinutePerProjectPerModel-FreeTier", quotaValue: "10" }],
    },
    { "@type": "type.googleapis.com/google.rpc.RetryInfo", retryDelay: "2.5s" },
  ],
};

test("a minute's quota is waited for as long as Google asks; a day's is told at once", async () => {
  await using vendor = await startVendor("gemini");
  vendor.server.reply(
    googleError(429, "RESOURCE_EXHAUSTED", perMinute),
    googleReply({ parts: [{ text: "ok" }] }),
  );
  expect(textOfEvents(await collect(vendor.provider))).toBe("ok");
  expect(vendor.waits).toEqual([2500]);
  const violations = [{ quotaId: "GenerateRequestsPerDayPerProjectPerModel-FreeTier", quotaValue: "250" }];
  vendor.server.reply(googleError(429, "RESOURCE_EXHAUSTED", { ...perMinute, details: [{ violations }] }));
  expect(await collect(vendor.provider)).toMatchObject([{ kind: "failed", failure: { code: "quota" } }]);
});

const refusals = [
  [
    googleError(400, "INVALID_ARGUMENT", {
      message: "API key not valid. Please pass a valid API key.",
      details: [{ "@type": "type.googleapis.com/google.rpc.ErrorInfo", reason: "API_KEY_INVALID" }],
    }),
    "auth",
    /GOOGLE_API_KEY/,
  ],
  [googleError(403, "PERMISSION_DENIED", { message: "Your API key was reported as leaked." }), "auth", /403/],
  [
    googleError(404, "NOT_FOUND", {
      message:
        "models/test-model is not found for API version v1beta, or is not supported for generateContent. Call ListModels.",
    }),
    "no_such_model",
    /no model test-model/,
  ],
  [
    googleError(400, "INVALID_ARGUMENT", {
      message: "The input token count (1100020) exceeds the maximum number of tokens allowed (1048576).",
    }),
    "context_overflow",
    /\/new/,
  ],
  [
    googleError(400, "FAILED_PRECONDITION", { message: "User location is not supported for the API use." }),
    "bad_request",
    /cara logs/,
  ],
] as const;

test.each(refusals)("Google's refusals are told for what they are (%#)", async (reply, code, says) => {
  await using vendor = await startVendor("gemini");
  vendor.server.reply(reply);
  const [event] = await collect(vendor.provider);
  expect(event).toMatchObject({ kind: "failed", failure: { code, say: expect.stringMatching(says) } });
  expect(JSON.stringify(event)).not.toMatch(/AIza|127\.0\.0\.1/);
});

test("a model's name cannot lead to another path", async () => {
  await using vendor = await startVendor("gemini");
  for (const model of ["../../upload", "x?key=1", "x#y", "a b"]) {
    expect(await collect(vendor.provider, request({ model }))).toMatchObject([
      { kind: "failed", failure: { code: "no_such_model" } },
    ]);
  }
  expect(vendor.server.requests).toHaveLength(0);
});

test("a sign-in's token goes out as a bearer, fresh for each call and renewed once when it is refused; without one the call says why", async () => {
  await using server = await startVendorServer();
  let count = 0;
  const names = {
    id: "gemini",
    label: "Gemini",
    keyName: "google.authProfile",
    urlName: "google.baseUrl",
  } as const;
  const vendor = { ...names, isLocal: true, secrets: [] };
  const provider = createGeminiProvider(
    {
      vendor,
      baseUrl: server.origin,
      credential: {
        kind: "token",
        token: async () => {
          count += 1;
          const accessToken = new Secret(`ya29.${count}`);
          return count < 4
            ? ok({ profileId: "google-1", accessToken })
            : refuse("unauthorized", "Sign in again.");
        },
      },
    },
    callDepsOf(quickDeps()),
  );
  const refused = googleError(401, "UNAUTHENTICATED", { message: "Invalid credentials ya29.2" });
  server.reply(googleReply({ parts: [{ text: "ok" }] }), refused, refused);
  expect(textOfEvents(await collect(provider))).toBe("ok");
  expect(JSON.stringify(await collect(provider))).not.toContain("ya29");
  expect(await collect(provider)).toEqual([
    { kind: "failed", failure: { code: "auth", say: "Sign in again." } },
  ]);
  expect(server.requests.map(({ headers }) => [headers["authorization"], headers["x-goog-api-key"]])).toEqual(
    [
      ["Bearer ya29.1", undefined],
      ["Bearer ya29.2", undefined],
      ["Bearer ya29.3", undefined],
    ],
  );
});
