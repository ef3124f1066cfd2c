import { expect, test } from "bun:test";
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { openAccounts } from "@carapace/accounts";
import { type OAuthServer, oauthServer, refusing, testClientId } from "@carapace/accounts/testing";
import { type Environment, openConfigStore } from "@carapace/config";
import { controlBodies, isRecord, once } from "@carapace/protocol";
import { describePeer } from "../../listen/peer.ts";
import { apiKeyRoute } from "./api-key-route.ts";
import { oauthRoutes } from "./oauth-routes.ts";

interface Options {
  readonly file?: string;
  readonly env?: Environment;
  readonly server?: OAuthServer;
}

/** The routes over a real config file and real sign-ins, called without a socket. */
async function startRoutes({ file = "{}", env = {}, server }: Options = {}) {
  const folder = mkdtempSync(join(tmpdir(), "carapace-sign-in-"));
  const path = join(folder, "carapace.json5");
  writeFileSync(path, file, { mode: 0o600 });
  const whole = {
    ...{ HOME: folder, CARAPACE_STATE_DIR: folder, CARAPACE_CONFIG_PASSWORD: "control-test-password" },
    ...env,
  };
  const store = await openConfigStore({ env: whole, path });
  if (!store.ok) throw new Error(store.say);
  let nowMs = 1_800_000_000_000;
  let ids = 0;
  const audited: unknown[] = [];
  const world = { env: whole, nowMs: () => nowMs, newId: () => `flow-${++ids}` };
  const endpoints = server && { openai: server.endpoints, google: server.endpoints };
  const accounts = openAccounts({ ...world, ...(endpoints ? { endpoints } : {}) });
  const deps = {
    ...{ world, config: store.value, signIns: async () => accounts },
    state: { audit: { append: async (entry: unknown) => void audited.push(entry) } },
    facts: () => ({
      snapshot: store.value.current(),
      find: () => ({ ok: true as const }),
      resting: [],
      profiles: async () => {
        const listed = await accounts.list();
        return listed.ok ? listed.value : undefined;
      },
    }),
  };
  const routes = [...oauthRoutes(deps), apiKeyRoute(deps)];
  const call = async (
    method: string,
    target: string,
    more: { body?: unknown; headers?: Record<string, string> } = {},
  ) => {
    const url = new URL(target, "http://gateway.example:18789");
    const headers = new Headers({ host: url.host, ...more.headers });
    const found = routes.flatMap((route) => {
      const pattern = new RegExp(`^${route.path.replace(":id", "([^/]+)")}$`);
      const isAsked = route.method === (method === "HEAD" ? "GET" : method);
      const match = isAsked ? pattern.exec(url.pathname) : null;
      return match ? [{ route, id: match[1] ?? "" }] : [];
    });
    const [first] = found;
    if (first === undefined) throw new Error(`no route ${method} ${target}`);
    const text = typeof more.body === "string" ? more.body : JSON.stringify(more.body ?? {});
    const peer = describePeer("192.0.2.7", headers);
    const request = new Request(url.href, { method, headers });
    const answer = await first.route.handle({
      ...{ request, peer, url, clientIp: peer.ip, isSecure: false, requestId: "t", params: { id: first.id } },
      ...{ signal: request.signal, caller: { kind: "bearer" } },
      body: async () => ({ ok: true, bytes: new TextEncoder().encode(text), text: () => text }),
    });
    const said = await answer.text();
    const body: unknown = said.startsWith("{") ? JSON.parse(said) : {};
    return { status: answer.status, text: said, body: isRecord(body) ? body : {}, headers: answer.headers };
  };
  return {
    ...{ call, accounts, audited, store: store.value },
    text: () => readFileSync(path, "utf8"),
    files: () =>
      readdirSync(folder)
        .filter((name) => !name.endsWith(".lock"))
        .sort(),
    advance: (ms: number) => {
      nowMs += ms;
    },
    [Symbol.dispose]: () => {
      store.value[Symbol.dispose]();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** How a file refers to a variable. */
const reference = (name: string) => ["${", name, "}"].join("");

const begin = once(() => ({ clientId: testClientId, redirectBaseUrl: "https://gw.example" }));

async function signInAt(
  routes: Awaited<ReturnType<typeof startRoutes>>,
  server: OAuthServer,
  label = "gemini",
) {
  const started = await routes.call("POST", `/control/onboarding/${label}/oauth/start`, { body: begin() });
  const { flowId, authUrl } = controlBodies.oauthStarted.parse(started.body);
  const back = new URL(server.signIn(authUrl));
  return { flowId, back: back.pathname + back.search, authUrl };
}

test("a sign-in goes from the page to the provider and back, and into the file; comments and variables stay", async () => {
  await using server = oauthServer();
  const file = `{\n  // mine\n  google: { apiKey: "old-key", baseUrl: "${reference("WHERE")}" },\n}`;
  using routes = await startRoutes({ server, file, env: { WHERE: "https://proxy.example" } });
  const { flowId, back, authUrl } = await signInAt(routes, server);
  const query = new URL(authUrl).searchParams;
  expect(query.get("redirect_uri")).toBe("https://gw.example/control/onboarding/gemini/callback");
  expect(query.get("state")).toMatch(/^gemini-[0-9a-f]{8}-/);
  const poll = () => routes.call("GET", `/control/onboarding/gemini/oauth/${flowId}`);
  const apply = () => routes.call("POST", `/control/onboarding/gemini/oauth/${flowId}/apply`);
  expect((await poll()).body["status"]).toEqual({ flowId, status: "pending" });
  expect((await apply()).status).toBe(400);
  // Some look first whether there is a page.
  expect((await routes.call("HEAD", back)).status).toBe(400);
  expect((await poll()).body["status"]).toEqual({ flowId, status: "pending" });
  const page = await routes.call("GET", back);
  expect([page.status, page.text]).toEqual([200, expect.stringContaining("Signed in")]);
  expect(controlBodies.oauthStatus.parse((await poll()).body).status).toEqual({
    ...{ flowId, status: "completed", profileName: "Jane", email: "jane@example.org" },
  });
  expect(routes.text()).toBe(file);

  const applied = controlBodies.onboardingApplied.parse((await apply()).body);
  expect(applied.applied).toEqual({ mode: "oauth" });
  expect(applied.providerStatus).toMatchObject({ provider: "gemini", configured: true });
  expect(applied.providerStatus.assessment).toMatchObject({ status: "ready", authMode: "oauth" });
  expect(routes.text()).toContain("// mine");
  expect(routes.text()).toContain(reference("WHERE"));
  expect(routes.text()).not.toContain("old-key");
  expect(routes.files()).toEqual(["auth_profiles.json", "carapace.json5"]);
  const { config } = routes.store.current();
  expect(config.auth.profiles).toMatchObject({
    enabled: true,
    providers: { google: { clientId: testClientId } },
  });
  expect(config.google?.authProfile).toMatch(/^google-[0-9a-f]{12}$/);
  expect((await routes.accounts.list()).ok).toBe(true);
  expect(JSON.stringify(routes.audited)).toContain("google.authProfile");
  expect((await poll()).status).toBe(404);
  expect((await apply()).status).toBe(400);
});

test("Codex is signed in the same way, and its key of the platform stays", async () => {
  await using server = oauthServer();
  using routes = await startRoutes({ server, file: '{openai:{apiKey:"sk-keep"}}' });
  const { flowId, back } = await signInAt(routes, server, "codex");
  await routes.call("GET", back);
  const applied = await routes.call("POST", `/control/onboarding/codex/oauth/${flowId}/apply`);
  expect(applied.status).toBe(200);
  expect(routes.store.current().config.codex?.authProfile).toMatch(/^openai-[0-9a-f]{12}$/);
  expect(routes.store.current().config.openai?.apiKey?.reveal()).toBe("sk-keep");
});

test("hostile returns are no answer: no state, another's, another provider's, doubled, and a second one", async () => {
  await using server = oauthServer();
  using routes = await startRoutes({ server });
  const { back, flowId } = await signInAt(routes, server);
  const state = new URLSearchParams(back.split("?")[1]).get("state") ?? "";
  const at = "/control/onboarding/gemini/callback";
  for (const target of [
    at,
    `${at}?code=evil-code`,
    `${at}?code=evil-code&state=gemini-other`,
    `${at}?code=evil-code&state=${state}&state=${state}`,
    back.replace("gemini/callback", "codex/callback"),
  ]) {
    const page = await routes.call("GET", target);
    expect([target.slice(0, 60), page.status]).toEqual([target.slice(0, 60), 400]);
    expect(page.text).not.toContain("evil");
    expect(page.headers.get("content-security-policy")).toContain("default-src 'none'");
  }
  expect(server.asked).toEqual([]);
  expect((await routes.call("GET", back)).status).toBe(200);
  expect((await routes.call("GET", back)).status).toBe(400);
  const status = await routes.call("GET", `/control/onboarding/gemini/oauth/${flowId}`);
  expect(status.text).toContain("completed");
});

test("a sign-in that its provider refuses is failed, says why, and is gone once applied", async () => {
  await using server = oauthServer();
  using routes = await startRoutes({ server });
  const { back, flowId } = await signInAt(routes, server);
  server.refuseWith = refusing.invalidClient;
  expect((await routes.call("GET", back)).status).toBe(400);
  const poll = () => routes.call("GET", `/control/onboarding/gemini/oauth/${flowId}`);
  expect((await poll()).body["status"]).toMatchObject({
    status: "failed",
    error: expect.stringContaining("check the client id"),
  });
  expect((await routes.call("POST", `/control/onboarding/gemini/oauth/${flowId}/apply`)).status).toBe(400);
  expect((await poll()).status).toBe(404);
});

test("a sign-in belongs to the page that began it, lives half an hour, and 20 wait at most", async () => {
  await using server = oauthServer();
  using routes = await startRoutes({ server });
  const mine = { cookie: "session=mine" };
  const start = (headers: Record<string, string> = {}) =>
    routes.call("POST", "/control/onboarding/gemini/oauth/start", { body: begin(), headers });
  const flowId = String((await start(mine)).body["flowId"]);
  const poll = (headers: Record<string, string>) =>
    routes.call("GET", `/control/onboarding/gemini/oauth/${flowId}`, { headers });
  expect((await poll(mine)).status).toBe(200);
  expect((await poll({ cookie: "session=other" })).status).toBe(404);
  expect((await poll({})).status).toBe(404);
  for (let count = 1; count < 20; count++) expect((await start()).status).toBe(200);
  expect(await start()).toMatchObject({
    status: 400,
    body: { error: expect.stringContaining("20 sign-ins") },
  });
  routes.advance(30 * 60_000);
  expect((await poll(mine)).status).toBe(404);
  expect((await start()).status).toBe(200);
});

test.each([
  ["no object", "[1]", "invalid body"],
  ["no JSON", "{", "Invalid JSON"],
  ["a number for the client", { clientId: 7 }, "clientId"],
  ["no client at all", {}, "GOOGLE_OAUTH_CLIENT_ID"],
  [
    "a base with a path",
    { clientId: "x", redirectBaseUrl: "https://x.example/p" },
    "bare http or https origin",
  ],
  [
    "a base with a name",
    { clientId: "x", redirectBaseUrl: "https://a@x.example" },
    "bare http or https origin",
  ],
  [
    "a base of another kind",
    { clientId: "x", redirectBaseUrl: "javascript:alert(1)" },
    "bare http or https origin",
  ],
])("a start with %s is refused", async (_what, body, words) => {
  using routes = await startRoutes();
  const answer = await routes.call("POST", "/control/onboarding/gemini/oauth/start", { body });
  expect(answer).toMatchObject({ status: 400, body: { ok: false, error: expect.stringContaining(words) } });
});

test("without the config password no sign-in is begun", async () => {
  using routes = await startRoutes({ env: { CARAPACE_CONFIG_PASSWORD: "" } });
  const answer = await routes.call("POST", "/control/onboarding/codex/oauth/start", { body: begin() });
  expect(answer).toMatchObject({
    status: 400,
    body: { error: expect.stringContaining("CARAPACE_CONFIG_PASSWORD") },
  });
});

test("the client comes from the environment, then the file; the address from the file, then the request", async () => {
  const env = { OPENAI_OAUTH_CLIENT_ID: "from-env" };
  using routes = await startRoutes({ env });
  const start = (headers: Record<string, string> = {}) =>
    routes.call("POST", "/control/onboarding/codex/oauth/start", { body: "", headers });
  const origin = await start({ origin: "https://gateway.example:18789" });
  expect(origin.body["redirectUri"]).toBe("https://gateway.example:18789/control/onboarding/codex/callback");
  expect(new URL(String(origin.body["authUrl"])).searchParams.get("client_id")).toBe("from-env");
  expect((await start()).body["redirectUri"]).toBe(
    "http://gateway.example:18789/control/onboarding/codex/callback",
  );
  expect(await start({ "x-forwarded-host": "evil.example" })).toMatchObject({ status: 400 });
  const file = JSON.stringify({
    gateway: { trustedProxies: ["192.0.2.7"] },
    auth: { profiles: { providers: { openai: { clientId: "from-file" } } } },
  });
  using proxied = await startRoutes({ file });
  const through = await proxied.call("POST", "/control/onboarding/codex/oauth/start", {
    body: "",
    headers: { "x-forwarded-host": "home.example", "x-forwarded-proto": "https" },
  });
  expect(through.body["redirectUri"]).toBe("https://home.example/control/onboarding/codex/callback");
  expect(String(through.body["authUrl"])).toContain("client_id=from-file");
});

test("an API key takes the place of a sign-in, is sealed, and nothing else is touched", async () => {
  const file = `{ /* mine */ google: { authProfile: "google-1" }, openai: { apiKey: "${reference("KEY")}" } }`;
  using routes = await startRoutes({ file, env: { KEY: "sk-of-env-planted" } });
  const body = { apiKey: " AIza-planted-key ", baseUrl: "https://proxy.example/gemini" };
  const answer = await routes.call("POST", "/control/onboarding/gemini/api-key", { body });
  expect(controlBodies.onboardingApplied.parse(answer.body).applied).toEqual({ mode: "apiKey" });
  expect(answer.text).not.toContain("planted");
  const text = routes.text();
  expect(text).toContain("/* mine */");
  expect(text).toContain(reference("KEY"));
  expect(text).not.toContain("planted");
  expect(text).not.toContain("google-1");
  expect(routes.store.current().config.google?.apiKey?.reveal()).toBe("AIza-planted-key");
});

test.each([
  ["no key", {}],
  ["a blank key", { apiKey: "  " }],
  ["a key of two lines", { apiKey: "a\nb" }],
  ["a variable", { apiKey: reference("HOME") }],
  ["a sealed text", { apiKey: "enc:v2:x" }],
  ["an address without TLS", { apiKey: "k", baseUrl: "http://x.example" }],
  ["an address with a name", { apiKey: "k", baseUrl: "https://a:b@x.example" }],
  ["an address with a variable", { apiKey: "k", baseUrl: `https://x.example/${reference("HOME")}` }],
])("%s is refused, and the file stays", async (_what, body) => {
  using routes = await startRoutes();
  const answer = await routes.call("POST", "/control/onboarding/gemini/api-key", { body });
  expect(answer).toMatchObject({ status: 400, body: { ok: false } });
  expect(routes.text()).toBe("{}");
});
