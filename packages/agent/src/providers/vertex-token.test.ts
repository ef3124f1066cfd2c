import { afterAll, beforeAll, expect, test } from "bun:test";
import { generateKeyPairSync, verify } from "node:crypto";
import { chmod, mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { jsonReply, startVendorServer } from "../../testing/index.ts";
import { tokenSettings } from "./vertex.ts";
import { askForToken, createVertexTokens, type VertexTokenSettings } from "./vertex-token.ts";

let folder = "";
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), "carapace-gcloud-test-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

let count = 0;
const system = `${process.env["PATH"] ?? ""}`;

/** A folder with a gcloud that does this. */
async function gcloud(script: string): Promise<string> {
  count += 1;
  const bin = join(folder, String(count));
  await Bun.write(
    join(bin, "gcloud"),
    `#!/bin/sh\necho "$@" >> '${bin}/args'\nenv > '${bin}/env'\n${script}\n`,
  );
  await chmod(join(bin, "gcloud"), 0o755);
  return bin;
}

const settings = (bin: string | undefined, metadataUrl: string, timeoutMs = 5000): VertexTokenSettings => ({
  timeoutMs,
  env: bin === undefined ? { PATH: folder } : { PATH: `${bin}:${system}` },
  hasGcloud: true,
  metadataUrl,
});
const nowhere = "http://127.0.0.1:1";
const signal = new AbortController().signal;
const flavor = { "metadata-flavor": "Google" };

test("gcloud is asked for its token, without a secret in its environment", async () => {
  const bin = await gcloud("echo ya29.from-gcloud");
  const secret = {
    ANTHROPIC_API_KEY: "sk-ant-1",
    AWS_SECRET_ACCESS_KEY: "aws-1",
    CARAPACE_CONFIG_PASSWORD: "pw-1",
  };
  const env: Record<string, string> = { ...secret, PATH: `${bin}:${system}`, CLOUDSDK_CONFIG: "/config" };
  const asked = { ...tokenSettings((name) => env[name], undefined), metadataUrl: nowhere };
  expect(asked.timeoutMs).toBe(10_000);
  const got = await askForToken(asked, 0);
  expect(got.ok && got.token.reveal()).toBe("ya29.from-gcloud");
  expect((await readFile(join(bin, "args"), "utf8")).trim()).toBe("auth print-access-token");
  const seen = await readFile(join(bin, "env"), "utf8");
  expect(seen).toContain("CLOUDSDK_CONFIG=/config");
  expect(seen).not.toMatch(/sk-ant-1|aws-1|pw-1/);
});

test("without gcloud the metadata server is asked, by its mark, and must show it", async () => {
  await using server = await startVendorServer();
  const body = { access_token: "ya29.from-metadata", expires_in: 1800, token_type: "Bearer" };
  server.reply(jsonReply(200, body, flavor), jsonReply(200, body), jsonReply(403, {}, flavor));
  expect(await askForToken(settings(undefined, server.origin), 0)).toMatchObject({
    ok: true,
    lifeMs: 1_800_000,
  });
  expect(await askForToken(settings(undefined, server.origin), 0)).toMatchObject({
    ok: false,
    say: expect.stringContaining("gcloud"),
    detail: expect.stringContaining("something else answers"),
  });
  expect(await askForToken(settings(undefined, server.origin), 0)).toMatchObject({ ok: false });
  expect(server.requests.map(({ path, headers }) => [path, headers["metadata-flavor"]])).toEqual(
    Array.from({ length: 3 }, () => [
      "/computeMetadata/v1/instance/service-accounts/default/token",
      "Google",
    ]),
  );
});

test("the metadata server's redirects are not followed", async () => {
  await using server = await startVendorServer();
  await using other = await startVendorServer();
  server.reply({ kind: "http", status: 302, headers: { ...flavor, location: other.origin }, body: "" });
  expect(await askForToken(settings(undefined, server.origin), 0)).toMatchObject({ ok: false });
  expect(other.requests).toHaveLength(0);
});

test("a gcloud that fails is told with what it said, short and without a token; one that hangs is killed", async () => {
  const bin = await gcloud(
    `echo "ERROR: (gcloud.auth) no account ya29.leaked-token-0123456789 ${"x".repeat(500)}" >&2; exit 1`,
  );
  const failed = await askForToken(settings(bin, nowhere), 0);
  expect(failed).toMatchObject({ ok: false, say: expect.stringContaining("gcloud auth login") });
  const detail = failed.ok ? "" : failed.detail;
  expect(detail).toContain("no account");
  expect(detail).not.toContain("leaked-token");
  expect(detail.length).toBeLessThan(400);
  const slow = await gcloud("sleep 60");
  expect(await askForToken(settings(slow, nowhere, 50), 0)).toMatchObject({
    ok: false,
    say: expect.stringContaining("in time"),
  });
  const chatty = await gcloud("echo WARNING: this is no token");
  expect(await askForToken(settings(chatty, nowhere), 0)).toMatchObject({ ok: false });
});

test("a token is kept until a minute before its end, asked for once by all, and forgotten when it is refused", async () => {
  await using server = await startVendorServer();
  let now = 0;
  server.otherwise(() =>
    jsonReply(200, { access_token: `ya29.number-${server.requests.length}`, expires_in: 1000 }, flavor),
  );
  const tokens = createVertexTokens(settings(undefined, server.origin), () => now);
  const get = async () => {
    const got = await tokens.get(signal);
    return got.ok ? got.token.reveal() : got.say;
  };
  expect(await Promise.all([get(), get(), get()])).toEqual([
    "ya29.number-1",
    "ya29.number-1",
    "ya29.number-1",
  ]);
  now = 939_999;
  expect(await get()).toBe("ya29.number-1");
  now = 940_000;
  expect(await get()).toBe("ya29.number-2");
  const kept = await tokens.get(signal);
  if (kept.ok) tokens.drop(kept.token);
  expect(await get()).toBe("ya29.number-3");
});

test("whoever cancels does not wait for the token, and does not take it from the others", async () => {
  await using server = await startVendorServer();
  server.otherwise(() => jsonReply(200, { access_token: "ya29.token", expires_in: 1000 }, flavor));
  const tokens = createVertexTokens(settings(undefined, server.origin), () => 0);
  const stop = new AbortController();
  const [first, second] = [tokens.get(stop.signal), tokens.get(signal)];
  stop.abort();
  expect((await first).ok).toBe(false);
  expect((await second).ok).toBe(true);
});

test.each([
  [{ K_SERVICE: "s", K_REVISION: "r", K_CONFIGURATION: "c" }, false],
  [{ CLOUD_RUN_JOB: "j" }, false],
  [{ CLOUD_RUN_WORKER_POOL: "w" }, false],
  [{ K_SERVICE: "s" }, true],
])("on Cloud Run (%o) gcloud is not looked for", async (env: Readonly<Record<string, string>>, hasGcloud) => {
  expect(tokenSettings((name) => env[name], undefined).hasGcloud).toBe(hasGcloud);
});

test.each([
  ["100", undefined, 500],
  ["70000", undefined, 60_000],
  [undefined, 2500, 2500],
  ["nonsense", 2500, 10_000],
] as const)("gcloud's time %p (config: %p) is %d ms", (text, configured, timeoutMs) => {
  const lookup = (name: string) => (name === "CARAPACE_GCLOUD_TOKEN_TIMEOUT_MS" ? text : undefined);
  expect(tokenSettings(lookup, configured).timeoutMs).toBe(timeoutMs);
});

const { publicKey, privateKey } = generateKeyPairSync("rsa", { modulusLength: 2048 });

async function credentialsFile(fields: object): Promise<string> {
  count += 1;
  const path = join(folder, `credentials-${count}.json`);
  await Bun.write(path, JSON.stringify(fields));
  return path;
}

const noPrograms = { timeoutMs: 500, env: {}, hasGcloud: true, metadataUrl: nowhere };
const nowMs = Date.UTC(2026, 10, 22, 12, 0, 0);

test("a service account's key is traded for a token, by a claim that it signed", async () => {
  await using server = await startVendorServer();
  server.reply(jsonReply(200, { access_token: "ya29.of-the-account", expires_in: 3599 }));
  const path = await credentialsFile({
    ...{
      type: "service_account",
      client_email: "me@my-project.iam.gserviceaccount.com",
      private_key_id: "k1",
    },
    private_key: privateKey.export({ type: "pkcs8", format: "pem" }),
    token_uri: "https://evil.example/token",
  });
  const tokenUrl = `${server.origin}/token`;
  const got = await askForToken({ ...noPrograms, credentialsFile: path, tokenUrl }, nowMs);
  expect(got).toMatchObject({ ok: true, lifeMs: 3_599_000 });
  const form = new URLSearchParams(server.requests[0]?.body);
  expect(form.get("grant_type")).toBe("urn:ietf:params:oauth:grant-type:jwt-bearer");
  const [head = "", claim = "", signature = ""] = (form.get("assertion") ?? "").split(".");
  const signed = Buffer.from(`${head}.${claim}`);
  expect(verify("RSA-SHA256", signed, publicKey, Buffer.from(signature, "base64url"))).toBe(true);
  expect(JSON.parse(Buffer.from(head, "base64url").toString())).toEqual({
    alg: "RS256",
    typ: "JWT",
    kid: "k1",
  });
  expect(JSON.parse(Buffer.from(claim, "base64url").toString())).toEqual({
    iss: "me@my-project.iam.gserviceaccount.com",
    scope: "https://www.googleapis.com/auth/cloud-platform",
    aud: tokenUrl,
    iat: nowMs / 1000,
    exp: nowMs / 1000 + 3600,
  });
});

test("a sign-in for applications is renewed", async () => {
  await using server = await startVendorServer();
  server.reply(jsonReply(200, { access_token: "ya29.of-the-owner", expires_in: 3599 }));
  const client = { client_id: "id", client_secret: "secret", refresh_token: "1//refresh" };
  const path = await credentialsFile({ type: "authorized_user", ...client });
  const got = await askForToken({ ...noPrograms, credentialsFile: path, tokenUrl: server.origin }, nowMs);
  expect(got.ok && got.token.reveal()).toBe("ya29.of-the-owner");
  expect(Object.fromEntries(new URLSearchParams(server.requests[0]?.body))).toEqual({
    grant_type: "refresh_token",
    ...client,
  });
});

test("a file that is of no use is told, and nobody else is asked in its place", async () => {
  await using server = await startVendorServer();
  server.otherwise(() =>
    jsonReply(400, { error: "invalid_grant", error_description: "Token has been revoked." }),
  );
  const client = { client_id: "id", client_secret: "secret-of-the-client", refresh_token: "1//refresh" };
  const files = [
    [join(folder, "nowhere.json"), /cannot be read/],
    [folder, /cannot be read/],
    [await credentialsFile({ type: "external_account" }), /neither/],
    [
      await credentialsFile({ type: "service_account", client_email: "a", private_key: "PRIVATE KEY" }),
      /gives no token/,
    ],
    [await credentialsFile({ type: "authorized_user", ...client }), /gives no token/],
    [await credentialsFile({ padding: "x".repeat(70_000) }), /cannot be read/],
  ] as const;
  for (const [path, says] of files) {
    const got = await askForToken(
      { ...noPrograms, metadataUrl: server.origin, credentialsFile: path, tokenUrl: server.origin },
      nowMs,
    );
    expect(got.ok ? "a token" : got.say).toMatch(says);
    expect(JSON.stringify(got)).not.toMatch(/secret-of|revoked/);
  }
  expect(server.requests.every(({ method }) => method === "POST")).toBe(true);
});
