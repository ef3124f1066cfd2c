import { expect, test } from "bun:test";
import { statSync } from "node:fs";
import { networkInterfaces } from "node:os";
import { Secret } from "@carapace/config";
import { accountsWorld, oauthServer, refusing, testClientId } from "../../testing/index.ts";
import { openAccounts } from "../open.ts";
import type { SignInHere, SignInRequest } from "./types.ts";
import { signInVendors } from "./vendors.ts";

const codex: SignInRequest = { provider: "openai", client: { id: testClientId } };

async function begin(accounts: ReturnType<typeof openAccounts>, request: SignInRequest = codex) {
  const here = await accounts.signInHere(request);
  if (!here.ok) throw new Error(here.say);
  return here.value;
}

async function signedIn({ done }: SignInHere) {
  const result = await done;
  if (!result.ok) throw new Error(result.say);
  return result.value;
}

test("a browser signs in at a public client, and nothing is written before it is stored", async () => {
  await using server = oauthServer();
  using world = accountsWorld(server);
  const accounts = openAccounts(world.world);
  await using here = await begin(accounts);
  const query = new URL(here.authUrl).searchParams;
  expect(query.get("state")).toMatch(
    /^codex-cli-[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/,
  );
  expect([query.get("code_challenge_method"), query.get("scope")]).toEqual([
    "S256",
    "openid profile email offline_access",
  ]);
  expect(query.get("code_challenge")).toMatch(/^[\w-]{43}$/);
  expect(here.redirectUri).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/auth\/callback$/);
  const page = await fetch(server.signIn(here.authUrl));
  expect([page.status, await page.text()]).toEqual([200, expect.stringContaining("Signed in")]);
  const profile = await signedIn(here);
  expect(profile.profileId).toMatch(/^openai-[0-9a-f]{12}$/);
  expect(profile.email).toBe("jane@example.org");
  expect(await accounts.list()).toEqual({ ok: true, value: [] });
  expect(server.asked[0]?.has("client_secret")).toBe(false);

  expect(await profile.store()).toEqual({ ok: true, value: undefined });
  expect(statSync(world.path).mode & 0o777).toBe(0o600);
  for (const secret of [...server.given, "refresh-1-planted"]) expect(world.text()).not.toContain(secret);
  expect(await accounts.find(profile.profileId)).toMatchObject({
    value: { name: "Jane", provider: "openai", kind: "oauth", state: "ready", userId: "user-1" },
  });
});

test("Google is asked for offline access, consent and a scope of the Gemini API; a secret goes along", async () => {
  await using server = oauthServer({ clientSecret: "hush-planted" });
  using world = accountsWorld(server);
  const client = { id: testClientId, secret: new Secret("hush-planted") };
  await using here = await begin(openAccounts(world.world), { provider: "google", client });
  const query = new URL(here.authUrl).searchParams;
  expect([query.get("access_type"), query.get("prompt")]).toEqual(["offline", "consent"]);
  expect(query.get("scope")?.split(" ")).toContain(
    "https://www.googleapis.com/auth/generative-language.retriever",
  );
  expect(here.authUrl).not.toContain("hush");
  await fetch(server.signIn(here.authUrl));
  const profile = await signedIn(here);
  expect(profile.profileId).toMatch(/^google-[0-9a-f]{12}$/);
  await profile.store();
  expect(world.text()).not.toContain("hush-planted");
});

test.each([
  "the whole address",
  "its query",
  "the code",
  "the code, still encoded",
  "the code and the state",
])("over a remote shell %s is pasted", async (what) => {
  await using server = oauthServer();
  using world = accountsWorld(server);
  await using here = await begin(openAccounts(world.world));
  const address = server.signIn(here.authUrl);
  const { search, searchParams } = new URL(address);
  const code = searchParams.get("code") ?? "";
  const pasted: Record<string, string> = {
    "the whole address": `  ${address}\n`,
    "its query": search,
    "the code": code,
    "the code, still encoded": encodeURIComponent(code),
    "the code and the state": `${code}#${searchParams.get("state")}`,
  };
  expect(here.paste(pasted[what] ?? "")).toEqual({ ok: true, value: undefined });
  expect((await here.done).ok).toBe(true);
});

test.each([
  [
    "an address of another sign-in",
    "http://127.0.0.1:9/auth/callback?code=stolen-code&state=codex-cli-other",
  ],
  ["an address without a state", "http://127.0.0.1:9/auth/callback?code=stolen-code"],
  ["a code with another state", "stolen-code#codex-cli-other"],
  ["a word", "yes"],
  ["nothing", " "],
  ["two words", "some thing"],
  ["too much", "x".repeat(10_000)],
])("pasting %s is refused, and the sign-in goes on", async (_what, text) => {
  await using server = oauthServer();
  using world = accountsWorld(server);
  await using here = await begin(openAccounts(world.world));
  expect(here.paste(text)).toMatchObject({ ok: false, code: "invalid_request" });
  expect(server.asked).toEqual([]);
  await fetch(server.signIn(here.authUrl));
  expect((await here.done).ok).toBe(true);
});

test("hostile callbacks are ignored: foreign, missing or doubled state, other hosts, paths and methods", async () => {
  await using server = oauthServer();
  using world = accountsWorld(server);
  await using here = await begin(openAccounts(world.world));
  const state = new URL(here.authUrl).searchParams.get("state") ?? "";
  const base = here.redirectUri;
  const cases: [string, number, RequestInit?][] = [
    [`${base}?code=evil-code&state=codex-cli-00000000`, 400],
    [`${base}?code=evil-code`, 400],
    [`${base}?code=evil-code&state=${state}&state=${state}`, 400],
    [`${base}?code=one-code&code=two-code&state=${state}`, 400],
    [`${base}?code=evil%0d%0acode&state=${state}`, 400],
    [`${base}?code=${"x".repeat(5000)}&state=${state}`, 400],
    [`${base}?error=access_denied&state=other`, 400],
    [`${base}/more?code=evil-code&state=${state}`, 404],
    [`${new URL(base).origin}/?code=evil-code&state=${state}`, 404],
    [`${base}?code=evil-code&state=${state}`, 404, { method: "POST" }],
    [`${base}?code=evil-code&state=${state}`, 404, { headers: { host: "evil.example" } }],
  ];
  for (const [url, status, init] of cases) {
    const answer = await fetch(url, init);
    expect([url.slice(0, 90), answer.status]).toEqual([url.slice(0, 90), status]);
    const text = await answer.text();
    expect(text).not.toContain("evil");
  }
  expect(server.asked).toEqual([]);
  await fetch(server.signIn(here.authUrl));
  expect((await here.done).ok).toBe(true);
});

test("the page cannot be framed, kept, scripted or made to say what others wrote", async () => {
  await using server = oauthServer();
  using world = accountsWorld(server);
  await using here = await begin(openAccounts(world.world));
  const state = new URL(here.authUrl).searchParams.get("state") ?? "";
  const error = encodeURIComponent("<script>alert(1)</script>");
  const page = await fetch(`${here.redirectUri}?error=${error}&error_description=${error}&state=${state}`);
  expect(page.status).toBe(400);
  expect(await page.text()).not.toContain("<script>");
  expect(page.headers.get("content-security-policy")).toContain("default-src 'none'");
  expect(page.headers.get("content-security-policy")).toContain("frame-ancestors 'none'");
  expect(page.headers.get("x-frame-options")).toBe("DENY");
  expect(page.headers.get("cache-control")).toBe("no-store");
  expect(await here.done).toMatchObject({ ok: false, code: "unauthorized" });
});

test("a person who declines, an application nobody knows and a server that is down are told apart", async () => {
  await using server = oauthServer();
  using world = accountsWorld(server);
  const accounts = openAccounts(world.world);
  await using declined = await begin(accounts);
  const state = new URL(declined.authUrl).searchParams.get("state") ?? "";
  await fetch(`${declined.redirectUri}?error=access_denied&state=${state}`);
  expect(await declined.done).toMatchObject({
    ok: false,
    say: expect.stringContaining("declined in the browser"),
  });
  for (const [refusal, words] of [
    [refusing.invalidClient, "check the client id"],
    [refusing.invalidGrant, "sign in anew"],
    [refusing.broken, "try again later"],
  ] as const) {
    server.refuseWith = refusal;
    await using here = await begin(accounts);
    const page = await fetch(server.signIn(here.authUrl));
    expect(page.status).toBe(400);
    expect(await here.done).toMatchObject({ ok: false, say: expect.stringContaining(words) });
  }
});

test("a person who did not allow the use of models is told to tick the box", async () => {
  await using server = oauthServer({ scope: "openid email" });
  using world = accountsWorld(server);
  await using here = await begin(openAccounts(world.world), { ...codex, provider: "google" });
  await fetch(server.signIn(here.authUrl));
  expect(await here.done).toMatchObject({ ok: false, say: expect.stringContaining("tick every box") });
});

test("the same person keeps id and age of the sign-in, another one gets another", async () => {
  await using server = oauthServer();
  using world = accountsWorld(server);
  const accounts = openAccounts(world.world);
  const again = async () => {
    await using here = await begin(accounts);
    await fetch(server.signIn(here.authUrl));
    const profile = await signedIn(here);
    await profile.store();
    return profile.profileId;
  };
  const first = await again();
  world.advance(1000);
  expect(await again()).toBe(first);
  expect(await accounts.list()).toMatchObject({ value: [{ id: first, createdAtMs: 1_800_000_000_000 }] });
});

test("nobody signs in within the time, or the one who waits gives up, and the port is free again", async () => {
  await using server = oauthServer();
  using world = accountsWorld(server);
  const accounts = openAccounts(world.world);
  const late = await accounts.signInHere(codex, { timeoutMs: 1 });
  if (!late.ok) throw new Error(late.say);
  expect(await late.value.done).toMatchObject({ ok: false, say: expect.stringContaining("within the time") });
  const leaving = new AbortController();
  const left = await accounts.signInHere(codex, { signal: leaving.signal });
  if (!left.ok) throw new Error(left.say);
  leaving.abort();
  expect(await left.value.done).toMatchObject({ ok: false, code: "unavailable" });
  await late.value[Symbol.asyncDispose]();
  await left.value[Symbol.asyncDispose]();
  await expect(fetch(left.value.redirectUri)).rejects.toThrow();
});

test("an application that is registered for a port of this machine gets it, or is told who has it", async () => {
  await using server = oauthServer();
  using world = accountsWorld(server);
  const accounts = openAccounts(world.world);
  using holder = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: () => new Response("") });
  const redirectUri = `http://localhost:${holder.port}/auth/callback`;
  expect(await accounts.signInHere(codex, { redirectUri })).toMatchObject({
    ok: false,
    say: expect.stringContaining(`port ${holder.port} of this machine is in use`),
  });
  await holder.stop(true);
  const here = await accounts.signInHere(codex, { redirectUri });
  if (!here.ok) throw new Error(here.say);
  await using waiting = here.value;
  expect(new URL(waiting.authUrl).searchParams.get("redirect_uri")).toBe(redirectUri);
  const back = server.signIn(waiting.authUrl).replace("localhost", "127.0.0.1");
  const { host } = new URL(redirectUri);
  expect((await fetch(back, { headers: { host } })).status).toBe(200);
  expect(await accounts.signInHere(codex, { redirectUri: "https://evil.example/x" })).toMatchObject({
    ok: false,
  });
});

/** On some machines there is none. */
const hasSix = Object.values(networkInterfaces()).some((all) =>
  all?.some(({ address }) => address === "::1"),
);

test.skipIf(!hasSix)(
  "localhost is held in both of its addresses: a browser may take the other one",
  async () => {
    await using server = oauthServer();
    using world = accountsWorld(server);
    const accounts = openAccounts(world.world);
    using holder = Bun.serve({ hostname: "::1", port: 0, fetch: () => new Response("") });
    const redirectUri = `http://localhost:${holder.port}/auth/callback`;
    expect(await accounts.signInHere(codex, { redirectUri })).toMatchObject({
      ok: false,
      say: expect.stringContaining(`port ${holder.port} of this machine is in use`),
    });
    await holder.stop(true);
    const here = await accounts.signInHere(codex, { redirectUri });
    if (!here.ok) throw new Error(here.say);
    await using waiting = here.value;
    const back = server.signIn(waiting.authUrl).replace("localhost", "[::1]");
    const { host } = new URL(redirectUri);
    expect((await fetch(back, { headers: { host } })).status).toBe(200);
  },
);

test("a public application comes back where its provider knows it, one with a secret anywhere on this machine", async () => {
  using world = accountsWorld();
  using holder = Bun.serve({ hostname: "127.0.0.1", port: 0, fetch: () => new Response("") });
  const publicRedirectUri = `http://localhost:${holder.port}/auth/callback`;
  await holder.stop(true);
  const openai = { ...signInVendors.openai.endpoints, publicRedirectUri };
  const accounts = openAccounts({ ...world.world, endpoints: { openai } });
  await using unnamed = await begin(accounts);
  expect(unnamed.redirectUri).toBe(publicRedirectUri);
  const client = { id: testClientId, secret: new Secret("hush") };
  await using confidential = await begin(accounts, { provider: "openai", client });
  expect(confidential.redirectUri).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/auth\/callback$/);
  expect(signInVendors.openai.endpoints.publicRedirectUri).toBe("http://localhost:1455/auth/callback");
});

test("without a config password nobody is sent to a browser", async () => {
  await using server = oauthServer();
  using world = accountsWorld(server, { password: "" });
  const accounts = openAccounts(world.world);
  for (const refused of [
    await accounts.signInHere(codex),
    accounts.signInAt(codex, "https://x.example/callback"),
    accounts.setupToken(new Secret(`sk-ant-oat01-${"a".repeat(80)}`)),
  ]) {
    expect(refused).toMatchObject({ ok: false, say: expect.stringContaining("CARAPACE_CONFIG_PASSWORD") });
  }
});

test.each([
  ["", "client id"],
  ["with blank", "client id"],
  ["a\nb", "client id"],
  [["a$", "{OPENAI_API_KEY}"].join(""), "client id"],
  ["enc:v2:a:b:c", "client id"],
])("the client id %p is refused", async (id, words) => {
  using world = accountsWorld();
  const refused = await openAccounts(world.world).signInHere({ provider: "openai", client: { id } });
  expect(refused).toMatchObject({ ok: false, say: expect.stringContaining(words) });
});

test.each(["/callback", "ftp://x.example/", "https://a:b@x.example/", "https://x.example/#f"])(
  "the redirect address %p is refused",
  (redirectUri) => {
    using world = accountsWorld();
    expect(openAccounts(world.world).signInAt(codex, redirectUri)).toMatchObject({ ok: false });
  },
);

test("a sign-in server elsewhere is asked by https alone", async () => {
  using world = accountsWorld();
  const endpoints = { authorize: "https://x.example/a", token: "http://x.example/t" };
  const accounts = openAccounts({ ...world.world, endpoints: { openai: endpoints } });
  const flow = accounts.signInAt(codex, "https://gateway.example/callback");
  if (!flow.ok) throw new Error(flow.say);
  expect(await flow.value.finish({ code: "some-code" })).toMatchObject({
    ok: false,
    say: expect.stringContaining("protocol not allowed"),
  });
});
