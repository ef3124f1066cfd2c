import { expect, test } from "bun:test";
import {
  anthropicReply,
  googleError,
  googleReply,
  jsonReply,
  openaiReply,
  startVendorServer,
  type VendorServer,
} from "../../testing/index.ts";
import {
  callDepsOf,
  collect,
  quickDeps,
  request,
  settingsOf,
  textOfEvents,
} from "../../testing/providers.ts";
import type { Provider } from "../types.ts";
import { createProviders } from "./index.ts";
import { readVertexSettings } from "./vertex.ts";
import { createVertexProvider } from "./vertex-provider.ts";

/** Vertex and the metadata server, both on this machine. */
interface TestVertex extends AsyncDisposable {
  readonly provider: Provider;
  readonly server: VendorServer;
  readonly metadata: VendorServer;
  /** Which locations were asked. */
  readonly locations: readonly string[];
}

async function start(env: Readonly<Record<string, string>> = {}): Promise<TestVertex> {
  const [server, metadata] = [await startVendorServer(), await startVendorServer()];
  metadata.otherwise(() =>
    jsonReply(
      200,
      { access_token: `ya29.token-${metadata.requests.length}`, expires_in: 3000 },
      { "metadata-flavor": "Google" },
    ),
  );
  const read = readVertexSettings(
    settingsOf({ env: { VERTEX_PROJECT_ID: "my-project", CLOUD_RUN_JOB: "j", ...env } }),
  );
  if (!read.ok || read.value === undefined) throw new Error("no settings");
  const settings = { ...read.value, token: { ...read.value.token, metadataUrl: metadata.origin } };
  const locations: string[] = [];
  const provider = createVertexProvider(settings, callDepsOf(quickDeps()), (location) => {
    locations.push(location);
    return server.origin;
  });
  return {
    ...{ provider, server, metadata, locations },
    [Symbol.asyncDispose]: async () => {
      await server[Symbol.asyncDispose]();
      await metadata[Symbol.asyncDispose]();
    },
  };
}

const at = "projects/my-project/locations";

test("Google's models are asked by Google's wire, with a bearer, and the newest ones globally", async () => {
  await using vertex = await start();
  vertex.server.otherwise(() => googleReply({ parts: [{ text: "Grüß dich" }] }));
  expect(textOfEvents(await collect(vertex.provider, request({ model: "gemini-2.5-flash" })))).toBe(
    "Grüß dich",
  );
  await collect(vertex.provider, request({ model: "google/gemini-3-pro-preview" }));
  expect(vertex.locations).toEqual(["us-central1", "global"]);
  expect(vertex.server.requests.map(({ path, headers }) => [path, headers["authorization"]])).toEqual([
    [
      `/v1beta1/${at}/us-central1/publishers/google/models/gemini-2.5-flash:streamGenerateContent?alt=sse`,
      "Bearer ya29.token-1",
    ],
    [
      `/v1beta1/${at}/global/publishers/google/models/gemini-3-pro-preview:streamGenerateContent?alt=sse`,
      "Bearer ya29.token-1",
    ],
  ]);
  expect(vertex.metadata.requests).toHaveLength(1);
});

test("Anthropic's models are asked by Anthropic's wire, without a model in the body", async () => {
  await using vertex = await start({ VERTEX_LOCATION: "europe-west1" });
  const blocks = [
    { type: "text", deltas: ["Hi"] },
    { type: "tool_use", id: "t", name: "find", json: ['{"q":', '"x"}'] },
  ] as const;
  vertex.server.reply(anthropicReply({ blocks, stopReason: "tool_use" }));
  const model = "publishers/anthropic/models/claude-sonnet-4-5@20250929";
  const told = await collect(vertex.provider, request({ model, system: "Be brief." }));
  expect(told.map((event) => event.kind)).toEqual(["text", "tool_use", "stop"]);
  const [received] = vertex.server.requests;
  expect(received?.path).toBe(
    `/v1/${at}/europe-west1/publishers/anthropic/models/claude-sonnet-4-5@20250929:streamRawPredict`,
  );
  const body = JSON.parse(received?.body ?? "");
  expect(body).toMatchObject({ anthropic_version: "vertex-2023-10-16", stream: true, max_tokens: 1024 });
  expect(body).not.toHaveProperty("model");
  expect(received?.headers["x-api-key"]).toBeUndefined();
});

test("the others are asked by OpenAI's wire", async () => {
  await using vertex = await start();
  vertex.server.reply(openaiReply({ deltas: [{ content: "Hi" }] }));
  const model = "publishers/mistral/models/mistral-large-2411";
  expect(textOfEvents(await collect(vertex.provider, request({ model })))).toBe("Hi");
  const [received] = vertex.server.requests;
  expect(received?.path).toBe(
    `/v1/${at}/us-central1/publishers/mistral/models/mistral-large-2411:streamRawPredict`,
  );
  expect(JSON.parse(received?.body ?? "")).toMatchObject({
    model: "mistral-large-2411",
    max_tokens: 1024,
    stream_options: { include_usage: true },
  });
});

test("the default is the model of the settings, and without one it is said what to set", async () => {
  await using vertex = await start({ VERTEX_MODEL: "vertex:gemini-2.5-pro" });
  vertex.server.reply(googleReply({ parts: [{ text: "ok" }] }));
  await collect(vertex.provider, request({ model: "Default" }));
  expect(vertex.server.requests[0]?.path).toContain("/models/gemini-2.5-pro:");
  await using other = await start();
  expect(await collect(other.provider, request({ model: "default" }))).toMatchObject([
    { kind: "failed", failure: { say: expect.stringContaining("VERTEX_MODEL or vertex.model") } },
  ]);
  expect(await collect(other.provider, request({ model: "claude-opus" }))).toMatchObject([
    { kind: "failed", failure: { code: "no_such_model" } },
  ]);
  expect(other.metadata.requests).toHaveLength(0);
});

const unauthenticated = googleError(401, "UNAUTHENTICATED", { message: "Request had invalid credentials." });

test("a token that is refused is renewed once; a second refusal is told", async () => {
  await using vertex = await start();
  vertex.server.reply(
    unauthenticated,
    googleReply({ parts: [{ text: "ok" }] }),
    unauthenticated,
    unauthenticated,
  );
  const asked = request({ model: "gemini-2.5-flash" });
  expect(textOfEvents(await collect(vertex.provider, asked))).toBe("ok");
  expect(vertex.server.requests.map(({ headers }) => headers["authorization"])).toEqual([
    "Bearer ya29.token-1",
    "Bearer ya29.token-2",
  ]);
  expect(await collect(vertex.provider, asked)).toMatchObject([
    { kind: "failed", failure: { code: "auth", say: expect.stringContaining("gcloud") } },
  ]);
  expect(vertex.server.requests).toHaveLength(4);
});

test("without a token nobody is asked, and the owner learns why", async () => {
  await using vertex = await start();
  vertex.metadata.otherwise(() => jsonReply(404, {}));
  expect(await collect(vertex.provider, request({ model: "gemini-2.5-flash" }))).toMatchObject([
    { kind: "failed", failure: { code: "auth", detail: expect.stringContaining("metadata server") } },
  ]);
  expect(vertex.server.requests).toHaveLength(0);
});

test("a project without the model or the API is told as such", async () => {
  await using vertex = await start();
  const message =
    "Publisher Model `projects/my-project/locations/us-central1/publishers/google/models/gemini-9` was not found or your project does not have access to it.";
  vertex.server.reply(
    googleError(404, "NOT_FOUND", { message }),
    googleError(403, "PERMISSION_DENIED", {
      message: "Vertex AI API has not been used in project my-project.",
    }),
  );
  const codes = [];
  for (const model of ["gemini-9", "gemini-2.5-flash"]) {
    const [event] = await collect(vertex.provider, request({ model }));
    codes.push(event?.kind === "failed" ? event.failure.code : event?.kind);
  }
  expect(codes).toEqual(["no_such_model", "auth"]);
});

test("a call that is cancelled while it waits for its token ends without an event", async () => {
  await using vertex = await start();
  vertex.metadata.otherwise(() => ({ kind: "silence" }));
  const stop = new AbortController();
  const told = collect(vertex.provider, request({ model: "gemini-2.5-flash" }), stop.signal);
  await vertex.metadata.received(1);
  stop.abort();
  expect(await told).toEqual([]);
});

test("settings that cannot be leave Vertex out with a warning; Gemini's models are its own when Gemini is not there", async () => {
  const build = (env: Readonly<Record<string, string>>, config = {}) => {
    const set = createProviders(settingsOf({ env, config }), quickDeps());
    if (!set.ok) throw new Error(set.say);
    return set.value;
  };
  for (const [env, says] of [
    [{ VERTEX_PROJECT_ID: "Not_a_project" }, /VERTEX_PROJECT_ID/],
    [{ VERTEX_PROJECT_ID: "my-project", VERTEX_LOCATION: "evil.example/" }, /VERTEX_LOCATION/],
    [{ VERTEX_PROJECT_ID: "my-project", VERTEX_GLOBAL_MODELS: "gemini-3*,claude" }, /VERTEX_GLOBAL_MODELS/],
  ] as const) {
    const set = build(env);
    expect(set.list()).toEqual([]);
    expect(set.warnings).toEqual([expect.stringMatching(says)]);
    expect(set.find("vertex")).toMatchObject({ ok: false, say: expect.stringMatching(says) });
  }
  const env = { VERTEX_PROJECT_ID: "my-project" };
  expect(build(env).get("gemini")?.id).toBe("vertex");
  expect(build({ ...env, GOOGLE_API_KEY: "k" }).get("gemini")?.id).toBe("gemini");
  expect(build({}).get("gemini")).toBeUndefined();
  expect(await build(env).defaultModel()).toMatchObject({ ok: false, code: "missing_model" });
  expect(await build({ ...env, VERTEX_MODEL: "gemini-2.5-pro" }).defaultModel()).toEqual({
    ok: true,
    value: "vertex:default",
  });
  expect(build(env).fingerprint).not.toEqual(build(env, { vertex: { globalModels: [] } }).fingerprint);
});
