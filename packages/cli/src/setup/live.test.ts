import { expect, test } from "bun:test";
import { Secret } from "@carapace/config";
import type { Given, ProviderAnswer } from "./answers.ts";
import { requestOf } from "./live.ts";

const typed = (text: string): Given => ({ kind: "typed", secret: new Secret(text) });
const variable = (name: string) => ({ kind: "variable", name }) as const;
const text = (value: string) => ({ kind: "text", text: value }) as const;
const none = { kind: "none" } as const;

test("a secret is asked with as it was typed, or as its variable says, without blanks", () => {
  const answer = (key: Given) => ({ provider: "openai", mode: "apiKey", key }) as const;
  const revealed = (key: Given, env = {}) => {
    const request = requestOf(answer(key), "gpt-5", env);
    return request?.provider === "openai" ? request.key.reveal() : undefined;
  };
  expect(revealed(typed("sk-1"))).toBe("sk-1");
  expect(revealed(variable("OPENAI_API_KEY"), { OPENAI_API_KEY: " sk-2 " })).toBe("sk-2");
  expect(revealed(variable("OPENAI_API_KEY"))).toBeUndefined();
  expect(revealed(none)).toBeUndefined();
});

test("an address of the environment comes before the answer's, as in the gateway", () => {
  const answer: ProviderAnswer = {
    ...{ provider: "venice", mode: "apiKey", key: typed("v"), baseUrl: text("https://typed.example") },
  };
  expect(requestOf(answer, "m", { VENICE_BASE_URL: "https://env.example" })).toMatchObject({
    baseUrl: "https://env.example",
  });
  expect(requestOf(answer, "m", {})).toMatchObject({ baseUrl: "https://typed.example", model: "m" });
});

test("Bedrock needs both keys, Vertex its project; the default route is asked for its model", () => {
  const bedrock = {
    provider: "bedrock",
    mode: "staticCredentials",
    region: text("us-east-1"),
    accessKeyId: typed("a"),
    secretAccessKey: typed("s"),
    sessionToken: none,
  } as const;
  expect(requestOf(bedrock, "m", {})).toMatchObject({ region: "us-east-1", model: "m" });
  expect(requestOf({ ...bedrock, secretAccessKey: none }, "m", {})).toBeUndefined();
  const vertex = {
    provider: "vertex",
    mode: "none",
    projectId: variable("VERTEX_PROJECT_ID"),
    location: text("us-central1"),
    routeModel: text("gemini-3-pro"),
  } as const;
  expect(requestOf(vertex, "default", { VERTEX_PROJECT_ID: "p" })).toEqual({
    ...{ provider: "vertex", projectId: "p", location: "us-central1", model: "gemini-3-pro" },
  });
  expect(requestOf(vertex, "default", {})).toBeUndefined();
});

test("who is signed in, or needs nothing, is not asked with a key", () => {
  const store = async () => ({ ok: true, value: undefined }) as const;
  const profile = { profileId: "x", store };
  expect(requestOf({ provider: "offline" }, undefined, {})).toBeUndefined();
  expect(
    requestOf({ provider: "codex", mode: "oauth", profile, clientId: "c" }, "default", {}),
  ).toBeUndefined();
  expect(requestOf({ provider: "gemini", mode: "oauth", profile, clientId: "c" }, "m", {})).toBeUndefined();
  expect(requestOf({ provider: "anthropic", mode: "setupToken", profile }, "m", {})).toBeUndefined();
  expect(requestOf({ provider: "claude-cli", mode: "none" }, "default", {})).toEqual({
    provider: "claude-cli",
  });
});
