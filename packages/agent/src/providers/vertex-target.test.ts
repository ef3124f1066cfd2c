import { expect, test } from "bun:test";
import {
  isLocation,
  isProjectId,
  locate,
  readGlobalRule,
  readVertexModel,
  vertexUrl,
} from "./vertex-target.ts";

test.each([
  ["gemini-2.5-flash", "google", "gemini-2.5-flash"],
  ["google/gemini-2.5-pro", "google", "gemini-2.5-pro"],
  ["vertex:gemini-2.5-pro", "google", "gemini-2.5-pro"],
  ["publishers/anthropic/models/claude-sonnet-4-5@20250929", "anthropic", "claude-sonnet-4-5@20250929"],
  ["publishers/meta/models/llama-4-maverick", "meta", "llama-4-maverick"],
  ["publishers/mistral/models/mistral-large-2411", "mistral", "mistral-large-2411"],
] as const)("%s is a model of %s", (name, publisher, id) => {
  expect(readVertexModel(name)).toEqual({ ok: true, value: { publisher, id } });
});

test.each([
  ...[
    "claude-sonnet-4-5",
    "publishers/google/models/gemini-2.5-pro",
    "google/claude",
    "publishers/evil/models/x",
  ],
  ...[
    "gemini-2.5/../../x",
    "gemini-2.5?key=1",
    "gemini-2.5:predict",
    "publishers/meta/models/",
    "publishers/meta/models/a/b",
  ],
  ...["", "gemini-", "../gemini-2.5"],
])("%s is none", (name) => {
  expect(readVertexModel(name)).toMatchObject({ ok: false, code: "invalid_request" });
});

test("ids and locations that could lead a request elsewhere are none", () => {
  expect(["my-project-1", "abcdef"].every(isProjectId)).toBe(true);
  expect(["My-project", "1project", "short", "a/b/c/d/e", "project-", "x".repeat(31)].some(isProjectId)).toBe(
    false,
  );
  expect(["global", "us-central1", "europe-west12", "northamerica-northeast1"].every(isLocation)).toBe(true);
  expect(["us", "evil.example/", "us-central1.evil", "us-central", "US-central1", ""].some(isLocation)).toBe(
    false,
  );
});

test.each([
  ["gemini-3*", "gemini-3-flash-preview", true],
  ["gemini-3*", "gemini-2.5-flash", false],
  ["google/gemini-2.5-pro", "gemini-2.5-pro", true],
  ["publishers/google/models/gemini-2.5*", "gemini-2.5-flash", true],
  ["publishers/anthropic/models/claude*", "publishers/anthropic/models/claude-opus-4-5", true],
  ["gemini-2.5-pro", "gemini-2.5-pro-preview", false],
])("the rule %s: is %s asked globally? %p", (rule, name, isGlobal) => {
  const [read, model] = [readGlobalRule(rule), readVertexModel(name)];
  if (read === undefined || !model.ok) throw new Error("not read");
  expect(locate(model.value, "europe-west1", [read]).location).toBe(isGlobal ? "global" : "europe-west1");
});

test.each(["*", "gem*ini", "claude*", "publishers/x/models/y", "gemini-", "gemini-3**", "a b"])(
  "%s is no rule",
  (rule) => {
    expect(readGlobalRule(rule)).toBeUndefined();
  },
);

test("each location has its own host, and the global one none in its name", () => {
  expect(vertexUrl("global")).toBe("https://aiplatform.googleapis.com");
  expect(vertexUrl("europe-west4")).toBe("https://europe-west4-aiplatform.googleapis.com");
});
