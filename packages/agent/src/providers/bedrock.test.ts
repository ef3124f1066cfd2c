import { expect, test } from "bun:test";
import { createHash, createHmac } from "node:crypto";
import { Secret } from "@carapace/config";
import fc from "fast-check";
import {
  awsFrame,
  bedrockError,
  bedrockEvent,
  bedrockEvents,
  bedrockException,
  bedrockReply,
  bedrockStream,
  type ReceivedRequest,
  startVendorServer,
  type VendorServer,
} from "../../testing/index.ts";
import { callDepsOf, collect, owner, quickDeps, request, textOfEvents } from "../../testing/providers.ts";
import type { Provider } from "../types.ts";
import type { AwsProof } from "./bedrock.ts";
import { createBedrockProvider } from "./bedrock-provider.ts";
import type { Vendor } from "./vendor.ts";

const keys = {
  kind: "keys",
  accessKeyId: new Secret("AKIAIOSFODNN7EXAMPLE"),
  secretAccessKey: new Secret("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
  sessionToken: new Secret("session-token-of-the-test"),
} as const;
const vendor: Vendor = {
  ...({ id: "bedrock", label: "Bedrock" } as const),
  ...{ keyName: "AWS_ACCESS_KEY_ID", urlName: "AWS_REGION", isLocal: false },
  secrets: [keys.accessKeyId, keys.secretAccessKey, keys.sessionToken],
};

async function start(
  proof: AwsProof = keys,
): Promise<{ server: VendorServer; provider: Provider; waits: number[] } & AsyncDisposable> {
  const server = await startVendorServer();
  const waits: number[] = [];
  const provider = createBedrockProvider(
    { vendor, region: "eu-central-1", proof },
    callDepsOf(quickDeps(waits)),
    server.origin,
  );
  return { server, provider, waits, [Symbol.asyncDispose]: () => server[Symbol.asyncDispose]() };
}

const finder = { id: "tooluse_x1", name: "find", json: ['{"q":', ' "é✓"}'] };

test("text and calls arrive, calls in the order of their blocks, and usage that follows the end counts", async () => {
  await using bedrock = await start();
  const tools = [finder, { id: "tooluse_x2", name: "current_time", json: [] }];
  bedrock.server.reply(bedrockReply({ texts: ["Grüß", " dich 👋"], tools, stopReason: "tool_use" }));
  expect(await collect(bedrock.provider)).toEqual([
    { kind: "text", delta: "Grüß" },
    { kind: "text", delta: " dich 👋" },
    { kind: "tool_use", id: "tooluse_x1", name: "find", input: { q: "é✓" } },
    { kind: "tool_use", id: "tooluse_x2", name: "current_time", input: {} },
    { kind: "stop", reason: "tool_use", usage: { inputTokens: 30, outputTokens: 9 } },
  ]);
});

test("the request has the documented path and body", async () => {
  await using bedrock = await start();
  bedrock.server.reply(bedrockReply({ texts: ["ok"] }));
  const messages = [
    { role: "user", blocks: [{ type: "text", text: "Find", origin: owner }] },
    { role: "assistant", blocks: [{ type: "tool_use", id: "t1", name: "find", input: { q: "x" } }] },
    {
      role: "user",
      blocks: [
        { type: "tool_result", toolUseId: "t1", name: "find", content: "no", isError: false, origin: owner },
      ],
    },
  ] as const;
  const tool = { name: "find", description: "Finds.", inputSchema: { type: "object", properties: {} } };
  const model = "anthropic.claude-3-5-sonnet-20240620-v1:0";
  await collect(
    bedrock.provider,
    request({ model, system: "Be brief.", messages, tools: [tool], temperature: 0.5 }),
  );
  const [received] = bedrock.server.requests;
  expect(received?.path).toBe(`/model/${encodeURIComponent(model)}/converse-stream`);
  expect(received?.headers["accept"]).toBe("application/vnd.amazon.eventstream");
  expect(JSON.parse(received?.body ?? "")).toMatchObject({
    system: [{ text: "Be brief." }],
    inferenceConfig: { maxTokens: 1024, temperature: 0.5 },
    messages: [
      { role: "user", content: [{ text: "Find" }] },
      { role: "assistant", content: [{ toolUse: { toolUseId: "t1", name: "find", input: { q: "x" } } }] },
      {
        role: "user",
        content: [{ toolResult: { toolUseId: "t1", content: [{ text: "no" }] } }],
      },
    ],
    toolConfig: { tools: [{ toolSpec: { name: "find", inputSchema: { json: { type: "object" } } } }] },
  });
});

test.each(["amazon.nova-lite-v1:0", "arn:aws:bedrock:eu-central-1:123456789012:inference-profile/eu.x-v1:0"])(
  "the request for %s is signed as AWS checks it, the path encoded twice",
  async (model) => {
    await using bedrock = await start();
    bedrock.server.reply(bedrockReply({ texts: ["ok"] }));
    await collect(bedrock.provider, request({ model }));
    const [received] = bedrock.server.requests;
    if (received === undefined) throw new Error("nothing was asked");
    expect(received.headers["x-amz-security-token"]).toBe(keys.sessionToken.reveal());
    expect(received.headers["authorization"]).toContain(
      `Credential=${keys.accessKeyId.reveal()}/${received.headers["x-amz-date"]?.slice(0, 8)}/eu-central-1/bedrock/aws4_request`,
    );
    expect(signatureIn(received)).toBe(expectedSignature(received));
  },
);

function signatureIn({ headers }: ReceivedRequest): string {
  return /Signature=([0-9a-f]{64})/.exec(headers["authorization"] ?? "")?.[1] ?? "none";
}

/** AWS Signature Version 4, worked out from what came over the wire. */
function expectedSignature({ method, path, headers, body }: ReceivedRequest): string {
  const sha = (text: string) => createHash("sha256").update(text).digest("hex");
  const mac = (key: string | Buffer, text: string) => createHmac("sha256", key).update(text).digest();
  const signed = /SignedHeaders=([^,]+)/.exec(headers["authorization"] ?? "")?.[1] ?? "";
  for (const needed of ["host", "x-amz-date", "x-amz-security-token"])
    expect(signed.split(";")).toContain(needed);
  const canonicalPath = path.split("/").map(encodeURIComponent).join("/");
  const lines = signed.split(";").map((name) => `${name}:${headers[name]}\n`);
  const bodyHash = headers["x-amz-content-sha256"] ?? sha(body);
  expect(bodyHash).toBe(sha(body));
  const canonical = [method, canonicalPath, "", lines.join(""), signed, bodyHash].join("\n");
  const date = headers["x-amz-date"] ?? "";
  const scope = `${date.slice(0, 8)}/eu-central-1/bedrock/aws4_request`;
  const text = ["AWS4-HMAC-SHA256", date, scope, sha(canonical)].join("\n");
  const parts = [date.slice(0, 8), "eu-central-1", "bedrock", "aws4_request"];
  const key = parts.reduce<string | Buffer>(mac, `AWS4${keys.secretAccessKey.reveal()}`);
  return mac(key, text).toString("hex");
}

test("a reply means the same wherever the network cuts it, even in a letter or a length", async () => {
  await using bedrock = await start();
  const reply = { texts: ["Ü👋"], tools: [finder], stopReason: "tool_use" } as const;
  bedrock.server.reply(bedrockReply(reply));
  const expected = await collect(bedrock.provider);
  const size = Buffer.concat(bedrockEvents(reply)).length;
  for (let at = 1; at < size; at += 7) {
    bedrock.server.reply(bedrockReply({ ...reply, splitAt: [at] }));
    expect(await collect(bedrock.provider)).toEqual(expected);
  }
});

test("a stream that is cut never yields a call", async () => {
  await using bedrock = await start();
  const frames = bedrockEvents({ texts: ["I will"], tools: [finder], stopReason: "tool_use" });
  for (const kept of [3, 5, frames.length - 2]) {
    bedrock.server.reply(bedrockStream(frames.slice(0, kept), { ending: "destroy" }));
    const told = await collect(bedrock.provider);
    // What came before the cut may be lost with the connection.
    expect(told.map((event) => event.kind).filter((kind) => kind !== "text")).toEqual(["failed"]);
    expect(told.at(-1)).toMatchObject({ failure: { code: "network" } });
  }
});

test("a frame with a wrong checksum, and one too large, fail the reply", async () => {
  await using bedrock = await start();
  const text = bedrockEvent("contentBlockDelta", { contentBlockIndex: 0, delta: { text: "hello" } });
  const wrong = Buffer.from(text);
  wrong[text.length - 9] = (wrong[text.length - 9] ?? 0) ^ 1;
  bedrock.server.otherwise(() => bedrockStream([wrong, ...bedrockEvents({ texts: ["x"] })]));
  expect((await collect(bedrock.provider)).at(-1)).toMatchObject({ kind: "failed" });
  const huge = Buffer.alloc(16);
  huge.writeUInt32BE(9 * 1024 * 1024);
  bedrock.server.otherwise(() => bedrockStream([huge], { ending: "hang" }));
  expect((await collect(bedrock.provider)).at(-1)).toMatchObject({
    kind: "failed",
    failure: { code: "bad_response" },
  });
});

test("arguments that are no JSON are handed on as invalid", async () => {
  await using bedrock = await start();
  bedrock.server.reply(bedrockReply({ tools: [{ ...finder, json: ['{"q"'] }], stopReason: "tool_use" }));
  expect((await collect(bedrock.provider))[0]).toMatchObject({ kind: "tool_use", invalid: '{"q"' });
});

test("a guardrail keeps the words that came; without words it is told", async () => {
  await using bedrock = await start();
  const stopReason = "guardrail_intervened";
  bedrock.server.reply(bedrockReply({ texts: ["Sorry"], stopReason }), bedrockReply({ stopReason }));
  expect((await collect(bedrock.provider)).at(-1)).toMatchObject({ kind: "stop", reason: "end_turn" });
  expect((await collect(bedrock.provider)).at(-1)).toMatchObject({
    kind: "failed",
    failure: { code: "content_filter" },
  });
});

test("an exception in the stream is told by its name; before the first word it is tried again", async () => {
  await using bedrock = await start();
  const [start_, text] = bedrockEvents({ texts: ["Hi"] });
  if (start_ === undefined || text === undefined) throw new Error("no events");
  const throttled = bedrockException(
    "throttlingException",
    "Too many requests, please wait before trying again.",
  );
  bedrock.server.reply(bedrockStream([start_, throttled]), bedrockReply({ texts: ["ok"] }));
  expect(textOfEvents(await collect(bedrock.provider))).toBe("ok");
  bedrock.server.reply(bedrockStream([start_, text, throttled]));
  expect(await collect(bedrock.provider)).toMatchObject([
    { kind: "text", delta: "Hi" },
    { kind: "failed", failure: { code: "rate_limit" } },
  ]);
});

test("an error message in the stream fails the reply", async () => {
  await using bedrock = await start();
  const error = awsFrame(
    { ":message-type": "error", ":error-code": "InternalError", ":error-message": "no" },
    "",
  );
  bedrock.server.otherwise(() => bedrockStream([error]));
  expect((await collect(bedrock.provider)).at(-1)).toMatchObject({ kind: "failed" });
});

const refusals = [
  [
    403,
    "UnrecognizedClientException",
    "The security token included in the request is invalid.",
    "auth",
    /AWS_ACCESS_KEY_ID/,
  ],
  [
    403,
    "ExpiredTokenException",
    "The security token included in the request is expired",
    "auth",
    /AWS_ACCESS_KEY_ID/,
  ],
  [
    403,
    "AccessDeniedException",
    "You don't have access to the model with the specified model ID.",
    "auth",
    /403/,
  ],
  [
    400,
    "ValidationException",
    "The provided model identifier is invalid.",
    "no_such_model",
    /no model test-model/,
  ],
  [
    400,
    "ValidationException",
    "Invocation of model ID test-model with on-demand throughput isn’t supported. Retry your request with the ID or ARN of an inference profile that contains this model.",
    "bad_request",
    /bedrock:us\.test-model/,
  ],
  [400, "ValidationException", "Input is too long for requested model.", "context_overflow", /\/new/],
  [
    429,
    "ThrottlingException",
    "Too many requests, please wait before trying again.",
    "rate_limit",
    /no more requests/,
  ],
  [400, "ServiceQuotaExceededException", "You have exceeded your quota.", "quota", /quota/],
  [503, "ServiceUnavailableException", "Service unavailable", "overloaded", /503/],
] as const;

test.each(refusals)("HTTP %d %s: %s is told for what it is", async (status, type, message, code, says) => {
  await using bedrock = await start();
  bedrock.server.otherwise(() => bedrockError(status, type, `${message} ${keys.secretAccessKey.reveal()}`));
  const [event] = await collect(bedrock.provider);
  expect(event).toMatchObject({ kind: "failed", failure: { code, say: expect.stringMatching(says) } });
  expect(JSON.stringify(event)).not.toContain(keys.secretAccessKey.reveal());
});

test("keys of the process's environment are not used", async () => {
  process.env["AWS_BEARER_TOKEN_BEDROCK"] = "a-token-of-somebody-else";
  try {
    await using bedrock = await start();
    bedrock.server.reply(bedrockReply({ texts: ["ok"] }));
    await collect(bedrock.provider);
    expect(bedrock.server.requests[0]?.headers["authorization"]).toStartWith("AWS4-HMAC-SHA256 ");
  } finally {
    delete process.env["AWS_BEARER_TOKEN_BEDROCK"];
  }
});

test("a key of Bedrock's own goes out as a bearer, without a signature", async () => {
  await using bedrock = await start({ kind: "bearer", token: new Secret("bedrock-api-key-test") });
  bedrock.server.reply(bedrockReply({ texts: ["ok"] }));
  expect(textOfEvents(await collect(bedrock.provider))).toBe("ok");
  const { headers } = bedrock.server.requests[0] ?? {};
  expect([headers?.["authorization"], headers?.["x-amz-date"]]).toEqual([
    "Bearer bedrock-api-key-test",
    undefined,
  ]);
});

test("whatever frames a server sends, a call ends with exactly one event that says so", async () => {
  await using bedrock = await start();
  const frames = bedrockEvents({ texts: ["Hi"], tools: [finder], stopReason: "tool_use" });
  const odd = [
    bedrockEvent("contentBlockDelta", { contentBlockIndex: 9, delta: { toolUse: { input: "{" } } }),
    bedrockEvent("contentBlockStart", { contentBlockIndex: "x", start: { toolUse: null } }),
    bedrockEvent("messageStop", { stopReason: 5 }),
    bedrockEvent("metadata", { usage: { inputTokens: -1, outputTokens: "many" } }),
    bedrockEvent("somethingNew", {}),
    bedrockException("modelStreamErrorException", "no"),
    awsFrame({ ":message-type": "event", ":event-type": "contentBlockDelta" }, "{not json"),
    awsFrame({}, ""),
    Buffer.from([0, 0, 0, 1]),
    Buffer.from("plain words, and enough of them for a prelude"),
  ];
  const property = fc.asyncProperty(
    fc.array(fc.constantFrom(...frames, ...odd), { maxLength: 12 }),
    async (sent) => {
      bedrock.server.otherwise(() => bedrockStream(sent));
      const told = await collect(bedrock.provider);
      expect(told.filter((event) => event.kind === "stop" || event.kind === "failed")).toHaveLength(1);
      expect(["stop", "failed"]).toContain(told.at(-1)?.kind ?? "");
    },
  );
  await fc.assert(property, { numRuns: 200, seed: 20261122 });
});

test("what stays the same from turn to turn is marked for the prompt cache, where a model has one", async () => {
  await using bedrock = await start();
  bedrock.server.otherwise(() => bedrockReply({ texts: ["ok"] }));
  const mark = '{"cachePoint":{"type":"default"}}';
  const marks = async (model: string) => {
    await collect(bedrock.provider, request({ model, system: "Be brief." }));
    return (bedrock.server.requests.at(-1)?.body ?? "").split(mark).length - 1;
  };
  expect(await marks("us.anthropic.claude-sonnet-4-5-20250929-v1:0")).toBe(2);
  expect(await marks("anthropic.claude-opus-4-6-v1")).toBe(2);
  expect(await marks("anthropic.claude-3-5-sonnet-20240620-v1:0")).toBe(0);
  expect(await marks("amazon.nova-lite-v1:0")).toBe(0);
});
