import { afterAll, beforeAll, expect, test } from "bun:test";
import { createHash, createHmac } from "node:crypto";
import { chmod, mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Secret } from "@carapace/config";
import { bedrockError, googleError, jsonReply, startVendorServer } from "../../testing/index.ts";
import { liveCheck } from "./index.ts";
import type { LiveCheckDeps } from "./types.ts";

const nowMs = () => Date.UTC(2026, 10, 22, 12, 0, 0);
const deps: LiveCheckDeps = { nowMs, lookup: () => undefined };

const keys = {
  accessKeyId: new Secret("AKIAIOSFODNN7EXAMPLE"),
  secretAccessKey: new Secret("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
};
const aws = { provider: "bedrock", region: "us-east-1", ...keys } as const;

const models = {
  modelSummaries: [
    summary("amazon.nova-lite-v1:0", "ACTIVE", ["ON_DEMAND"]),
    summary("anthropic.claude-sonnet-4-5-v1:0", "ACTIVE", ["INFERENCE_PROFILE"]),
    summary("anthropic.claude-v2", "LEGACY", ["ON_DEMAND"]),
    summary("meta.big-v1:0", "ACTIVE", ["PROVISIONED"]),
  ],
};

function summary(modelId: string, status: string, inferenceTypesSupported: string[]) {
  return { modelId, modelLifecycle: { status }, inferenceTypesSupported };
}

test.each([
  [undefined, "pass", /takes the keys/],
  ["amazon.nova-lite-v1:0", "pass", /has the model/],
  ["us.anthropic.claude-sonnet-4-5-v1:0", "pass", /has the model/],
  ["arn:aws:bedrock:us-east-1:1:inference-profile/x", "pass", /ARN/],
  ["anthropic.claude-sonnet-4-5-v1:0", "fail", /inference profile only.*bedrock:us\.anthropic/],
  ["anthropic.claude-v2", "fail", /any more/],
  ["meta.big-v1:0", "fail", /on demand/],
  ["amazon.none", "fail", /does not have/],
] as const)("Bedrock's list tells of %s: %s", async (model, status, says) => {
  await using server = await startVendorServer();
  server.reply(jsonReply(200, models));
  const wanted = model === undefined ? {} : { model };
  const result = await liveCheck({ ...aws, ...wanted, baseUrl: server.origin }, deps);
  expect(result.status).toBe(status);
  expect(`${result.detail} ${result.remediation}`).toMatch(says);
});

test("the question is signed for the region, as AWS checks it", async () => {
  await using server = await startVendorServer();
  server.reply(jsonReply(200, models));
  await liveCheck({ ...aws, sessionToken: new Secret("session"), baseUrl: server.origin }, deps);
  const { headers = {}, method, path } = server.requests[0] ?? {};
  expect([method, path, headers["x-amz-date"]]).toEqual(["GET", "/foundation-models", "20261122T120000Z"]);
  const sha = (text: string) => createHash("sha256").update(text).digest("hex");
  const mac = (key: string | Buffer, text: string) => createHmac("sha256", key).update(text).digest();
  const authorization = headers["authorization"] ?? "";
  const [, names = "", signature] = /SignedHeaders=([^,]+), Signature=(\w+)/.exec(authorization) ?? [];
  expect(names.split(";")).toContain("x-amz-security-token");
  const lines = names.split(";").map((name) => `${name}:${headers[name]}\n`);
  const bodyHash = headers["x-amz-content-sha256"] ?? sha("");
  const canonical = ["GET", "/foundation-models", "", lines.join(""), names, bodyHash].join("\n");
  const scope = ["20261122", "us-east-1", "bedrock", "aws4_request"];
  const text = ["AWS4-HMAC-SHA256", "20261122T120000Z", scope.join("/"), sha(canonical)].join("\n");
  const key = scope.reduce<string | Buffer>(mac, `AWS4${keys.secretAccessKey.reveal()}`);
  expect(signature).toBe(mac(key, text).toString("hex"));
});

test("keys that may not list prove nothing; keys that AWS does not know fail", async () => {
  await using server = await startVendorServer();
  const message = "User is not authorized to perform: bedrock:ListFoundationModels";
  server.reply(
    bedrockError(403, "AccessDeniedException", message),
    bedrockError(403, "UnrecognizedClientException", "The security token in the request is invalid."),
  );
  const at = { ...aws, baseUrl: server.origin };
  expect((await liveCheck(at, deps)).status).toBe("skip");
  const failed = await liveCheck(at, deps);
  expect(failed.status).toBe("fail");
  expect(JSON.stringify(failed)).not.toMatch(/security token|AKIA|127\.0/);
});

test("a region that nobody knows is not asked, and one that is none is refused", async () => {
  await using server = await startVendorServer();
  const at = { ...aws, baseUrl: server.origin };
  expect((await liveCheck({ ...at, region: "xx-nowhere-1" }, deps)).status).toBe("skip");
  expect((await liveCheck({ ...at, region: "evil.example/" }, deps)).status).toBe("fail");
  expect(server.requests).toHaveLength(0);
});

const google = { nowMs, lookup: (name: string) => (name === "CLOUD_RUN_JOB" ? "job" : undefined) };
const tokenBody = { access_token: "ya29.test-token", expires_in: 3000 };
const token = jsonReply(200, tokenBody, { "metadata-flavor": "Google" });

test.each([
  [jsonReply(200, { loggingConfig: {} }), "pass", /has the model gemini-2\.5-pro/],
  [googleError(403, "PERMISSION_DENIED", { message: "no" }), "fail", /Vertex AI User/],
  [googleError(400, "INVALID_ARGUMENT", { message: "no" }), "fail", /did not accept/],
  [googleError(404, "NOT_FOUND", { message: "no" }), "fail", /model gemini-2\.5-pro in europe-west1/],
  [googleError(429, "RESOURCE_EXHAUSTED", { message: "no" }), "fail", /no more requests/],
  [googleError(500, "INTERNAL", { message: "no" }), "fail", /HTTP 500/],
] as const)(
  "a model of Google's at Vertex is asked for, with the token (%#)",
  async (reply, status, says) => {
    await using server = await startVendorServer();
    server.reply(token, reply);
    const result = await liveCheck(
      {
        ...{ provider: "vertex", projectId: "my-project", location: "europe-west1", model: "gemini-2.5-pro" },
        ...{ baseUrl: server.origin, metadataUrl: server.origin },
      },
      google,
    );
    expect(result.status).toBe(status);
    expect(`${result.detail} ${result.remediation}`).toMatch(says);
    const asked = server.requests[1];
    expect(asked?.headers["authorization"]).toBe("Bearer ya29.test-token");
    expect(asked?.path).toBe(
      "/v1beta1/projects/my-project/locations/europe-west1/publishers/google/models/gemini-2.5-pro:fetchPublisherModelConfig",
    );
  },
);

test("of other publishers only the token is proven; without one the check fails with what to do", async () => {
  await using server = await startVendorServer();
  server.reply(token, jsonReply(404, {}));
  const at = { provider: "vertex", projectId: "my-project", metadataUrl: server.origin } as const;
  const model = "publishers/anthropic/models/claude-opus-4-5";
  expect((await liveCheck({ ...at, model }, google)).status).toBe("pass");
  expect(await liveCheck({ ...at, model }, google)).toEqual({
    status: "fail",
    detail: "Google's metadata server gives no token.",
    remediation: "Give this service an account that may use Vertex AI.",
  });
  expect(server.requests).toHaveLength(2);
});

test.each([
  [{ projectId: "Not_one" }, /project/],
  [{ projectId: "my-project", location: "evil.example/" }, /location/],
  [{ projectId: "my-project", model: "claude-opus" }, /no model of that name/],
  [{ projectId: "my-project", model: "gemini-2.5-pro", globalModels: ["*"] }, /globalModels/],
])("what Vertex can never take (%o) fails before anybody is asked", async (settings, says) => {
  const result = await liveCheck({ provider: "vertex", ...settings }, google);
  expect(result.status).toBe("fail");
  expect(result.detail).toMatch(says);
});

test.each(["http://api.example.com", "https://169.254.169.254", "nonsense"])(
  "an address that no provider takes (%s) gets no key",
  async (baseUrl) => {
    const key = new Secret("sk-test");
    const result = await liveCheck({ provider: "openai", key, baseUrl }, deps);
    expect(result.status).toBe("fail");
    expect(result.detail).toStartWith("The address ");
  },
);

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "carapace-check-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

async function program(name: string, script: string): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, `#!/bin/sh\n${script}\n`);
  await chmod(path, 0o755);
  return path;
}

test("the Claude CLI is asked for its version", async () => {
  const check = (path: string) => liveCheck({ provider: "claude-cli", path }, deps);
  const good = await check(await program("good", '[ "$1" = --version ] && echo "2.1.273 (Claude Code)"'));
  expect(good.status).toBe("pass");
  expect(good.detail).toContain("2.1.273");
  expect((await check(await program("bad", "echo hello"))).status).toBe("fail");
  expect((await check(await program("broken", "echo 2.1.0; exit 1"))).status).toBe("fail");
  const missing = await check(join(folder, "nowhere"));
  expect(missing.status).toBe("fail");
  expect(missing.remediation).toContain("claudeCli.path");
});

test("a program that hangs ends with the check", async () => {
  const path = await program("slow", "exec sleep 60");
  const stop = new AbortController();
  const lookup = (name: string) => (name === "PATH" ? "/usr/bin:/bin" : undefined);
  const check = liveCheck({ provider: "claude-cli", path }, { nowMs, lookup, signal: stop.signal });
  stop.abort();
  expect((await check).status).toBe("skip");
});
