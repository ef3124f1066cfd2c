import { expect, test } from "bun:test";
import { isRecord } from "@carapace/protocol";
import { Validator } from "@seriousme/openapi-schema-validator";
import { z } from "zod";
import { json } from "../../http/json.ts";
import type { Route, RouteFamily } from "../../http/route.ts";
import { startControlled } from "../testing/gateway.ts";
import { openApiDocument } from "./document.ts";

const doc = { summary: "Do it", tag: "test", answers: { 200: { say: "Done." } } };
const route = (changes: Partial<Route>): Route => ({
  ...{ method: "GET", path: "/a", family: "public", doc, handle: () => json({}) },
  ...changes,
});

/** What stands at a path of a document. */
function at(document: unknown, ...steps: readonly string[]): unknown {
  return steps.reduce<unknown>((node, step) => (isRecord(node) ? node[step] : undefined), document);
}

async function problemsOf(document: unknown): Promise<unknown> {
  const { valid, errors } = await new Validator().validate(JSON.parse(JSON.stringify(document)));
  return valid ? [] : errors;
}

test("the document of a real gateway is valid, and every route it serves is in it", async () => {
  const everything = {
    ...{
      control: { enabled: true },
      controlUi: { enabled: true },
      hooks: { enabled: true, token: "t".repeat(32) },
    },
    openai: { chatCompletions: true, responses: true },
  };
  await using gateway = await startControlled(JSON.stringify({ gateway: everything }));
  const { status, body } = await gateway.get("/openapi.json");
  expect(status).toBe(200);
  expect(await problemsOf(body)).toEqual([]);
  expect(Object.keys(at(body, "paths") ?? {})).toEqual(
    expect.arrayContaining([
      ...["/control/channels", "/control/config", "/control/events", "/control/onboarding/status"],
      ...["/control/onboarding/gemini/oauth/{id}/apply", "/control/onboarding/codex/callback"],
      ...["/control/status", "/health", "/health/live", "/health/ready", "/openapi.json", "/metrics"],
      ...["/control/tasks/{id}", "/v1/chat/completions", "/v1/responses", "/tools/invoke", "/ui/{path}"],
    ]),
  );
  const operations = Object.values(at(body, "paths") ?? {}).flatMap((path) => Object.values(Object(path)));
  const ids = operations.map((operation) => at(operation, "operationId"));
  expect(new Set(ids).size).toBe(ids.length);
  expect(Object.keys(at(body, "paths", "/control/config") ?? {}).sort()).toEqual(["get", "patch"]);
  expect(at(body, "paths", "/control/config", "patch", "security")).toEqual([{ gatewayCredential: [] }]);
});

test("each path of the document is answered, and each answer is one it names", async () => {
  await using gateway = await startControlled();
  const { body } = await gateway.get("/openapi.json");
  const paths = at(body, "paths");
  for (const [path, operations] of Object.entries(isRecord(paths) ? paths : {})) {
    if (path === "/control/events" || path.includes("{")) continue;
    for (const method of Object.keys(isRecord(operations) ? operations : {})) {
      const answer = await fetch(gateway.http + path, { method, headers: gateway.bearer });
      const named = Object.keys(at(operations, method, "responses") ?? {});
      expect(named, `${method} ${path}`).toContain(String(answer.status));
    }
  }
});

test("this machine reads it as it is, others need the credential", async () => {
  await using gateway = await startControlled();
  const url = `${gateway.http}/openapi.json`;
  expect((await fetch(url)).status).toBe(200);
  const remote = { "X-Forwarded-For": "203.0.113.9" };
  const refused = await fetch(url, { headers: remote });
  expect([refused.status, await refused.json()]).toEqual([401, { ok: false, error: "Unauthorized" }]);
  expect((await fetch(url, { headers: { ...remote, ...gateway.bearer } })).status).toBe(200);
});

test("parameters, bodies, queries and any method come out as OpenAPI writes them", async () => {
  const Query = z.object({ limit: z.int().optional(), state: z.string() });
  const Body = z.object({ payload: z.json() });
  const document = openApiDocument(
    [
      route({ path: "/tasks/:id/*", method: "ANY", family: "tools" }),
      route({ path: "/tasks", doc: { ...doc, query: Query } }),
      route({ path: "/tasks", method: "POST", maxBodyBytes: 99, doc: { ...doc, body: Body } }),
    ],
    "1.2.3",
  );
  expect(await problemsOf(document)).toEqual([]);
  const any = at(document, "paths", "/tasks/{id}/{path}");
  expect(Object.keys(any ?? {})).toEqual(["delete", "get", "patch", "post", "put"]);
  expect(at(any, "get", "parameters")).toMatchObject([{ name: "id" }, { name: "path", in: "path" }]);
  expect(at(document, "paths", "/tasks", "get", "parameters")).toMatchObject([
    { name: "limit", in: "query", required: false },
    { name: "state", required: true },
  ]);
  const post = at(document, "paths", "/tasks", "post");
  expect(at(post, "requestBody")).toMatchObject({ required: true, description: "At most 99 bytes." });
  expect(Object.keys(at(post, "responses") ?? {})).toContain("413");
});

test("a schema that refers to itself is filed where references lead", async () => {
  interface Tree {
    readonly name: string;
    readonly below: readonly Tree[];
  }
  const Tree: z.ZodType<Tree> = z.lazy(() => z.object({ name: z.string(), below: z.array(Tree) }));
  const answers = { 200: { say: "A tree.", schema: Tree }, 400: { say: "Any.", schema: z.json() } };
  const document = openApiDocument([route({ doc: { ...doc, answers } })], "1");
  expect(await problemsOf(document)).toEqual([]);
  expect(JSON.stringify(document)).not.toMatch(/"\$ref":"#(\/\$defs|")/);
});

test("answers may grow by fields, strict bodies may not", () => {
  const body = z.strictObject({ id: z.string() });
  const answers = { 200: { say: "Done.", schema: z.object({ id: z.string() }) } };
  const document = openApiDocument(
    [route({ method: "POST", maxBodyBytes: 9, doc: { ...doc, body, answers } })],
    "1",
  );
  const json = ["content", "application/json", "schema", "additionalProperties"];
  expect(at(document, "paths", "/a", "post", "requestBody", ...json)).toBe(false);
  expect(at(document, "paths", "/a", "post", "responses", "200", ...json)).toBeUndefined();
});

test("of two routes for one path the later is described, and order changes nothing", () => {
  const first = route({ doc: { ...doc, summary: "first" } });
  const second = route({ doc: { ...doc, summary: "second" } });
  const other = route({ path: "/b" });
  const document = openApiDocument([first, other, second], "1");
  expect(at(document, "paths", "/a", "get", "summary")).toBe("second");
  expect(JSON.stringify(openApiDocument([other, second], "1"))).toBe(JSON.stringify(document));
});

test("each family says what its callers must show", () => {
  const families: readonly RouteFamily[] = [
    "public",
    "local",
    "control",
    "openai",
    "tools",
    "hooks",
    "webhook",
  ];
  for (const family of families) {
    const document = openApiDocument([route({ family })], "1");
    const security = at(document, "paths", "/a", "get", "security");
    const names = Object.keys(at(document, "paths", "/a", "get", "responses") ?? {});
    expect([family, names.includes("401")]).toEqual([family, Array.isArray(security) && security.length > 0]);
  }
});
