import { expect, test } from "bun:test";
import { mkdirSync, readdirSync, rmdirSync, rmSync } from "node:fs";
import type { Secret } from "@carapace/config";
import { createSealer } from "@carapace/secrets/envelope";
import {
  accountsWorld,
  type OAuthServer,
  type OAuthServerOptions,
  oauthServer,
  refusing,
  testClientId,
  testPassword,
} from "../../testing/index.ts";
import { openAccounts } from "../open.ts";

async function signedIn(options: OAuthServerOptions = {}) {
  const server = oauthServer(options);
  const world = accountsWorld(server);
  const accounts = openAccounts(world.world);
  const profileId = await signIn(accounts, server);
  return {
    ...{ server, world, accounts, profileId },
    fresh: (refused?: Secret) =>
      accounts.freshToken(profileId, { provider: "openai", ...(refused ? { refused } : {}) }),
    async [Symbol.asyncDispose]() {
      await server[Symbol.asyncDispose]();
      world[Symbol.dispose]();
    },
  };
}

async function signIn(accounts: ReturnType<typeof openAccounts>, server: OAuthServer) {
  const flow = accounts.signInAt(
    { provider: "openai", client: { id: testClientId } },
    "https://gw.example/cb",
  );
  if (!flow.ok) throw new Error(flow.say);
  const code = new URL(server.signIn(flow.value.authUrl)).searchParams.get("code") ?? "";
  const made = await flow.value.finish({ code });
  if (!made.ok) throw new Error(made.say);
  const stored = await made.value.store();
  if (!stored.ok) throw new Error(stored.say);
  return made.value.profileId;
}

const renewals = (server: OAuthServer) =>
  server.asked.filter((form) => form.get("grant_type") === "refresh_token").length;

async function textOf(result: ReturnType<ReturnType<typeof openAccounts>["freshToken"]>) {
  const outcome = await result;
  return outcome.ok ? outcome.value.accessToken.reveal() : outcome.say;
}

test("a token serves until a minute before it runs out, is renewed then, and is on disk before it is used", async () => {
  await using it = await signedIn();
  expect(await textOf(it.fresh())).toBe(it.server.given[0] ?? "");
  it.world.advance(3_539_000);
  expect(await textOf(it.fresh())).toBe(it.server.given[0] ?? "");
  expect(renewals(it.server)).toBe(0);
  it.world.advance(1000);
  expect(await textOf(it.fresh())).toBe(it.server.given[1] ?? "");
  expect(it.world.text()).not.toContain(it.server.given[1] ?? "none");
  const other = openAccounts(it.world.world);
  expect(await textOf(other.freshToken(it.profileId, { provider: "openai" }))).toBe(it.server.given[1] ?? "");
  expect(renewals(it.server)).toBe(1);
});

test("ten who ask at once renew it once, and the account that pays is told", async () => {
  await using it = await signedIn({ accountId: "account-77" });
  it.world.advance(3_600_000);
  const all = await Promise.all(Array.from({ length: 10 }, () => it.fresh()));
  expect(new Set(all.map((one) => one.ok && one.value.accessToken.reveal()))).toEqual(
    new Set([it.server.given[1] ?? ""]),
  );
  expect(all[0]).toMatchObject({ value: { accountId: "account-77" } });
  expect(renewals(it.server)).toBe(1);
});

test("two processes renew at once: one asks, the other takes what it got", async () => {
  await using it = await signedIn();
  const gate = Promise.withResolvers<void>();
  it.server.gate = gate.promise;
  const nowMs = it.world.world.nowMs() + 3_600_000;
  const run = async () => {
    const program = new URL("../../testing/refresher.ts", import.meta.url).pathname;
    const child = Bun.spawn(
      [process.execPath, "--no-install", program, it.profileId, `${nowMs}`, it.server.endpoints.token],
      { env: it.world.world.env, stdout: "pipe", stderr: "inherit" },
    );
    return JSON.parse(await new Response(child.stdout).text());
  };
  const both = [run(), run()];
  while (renewals(it.server) === 0) await new Promise((resolve) => setImmediate(resolve));
  gate.resolve();
  const ends = await Promise.all(both);
  expect(ends).toEqual([{ token: it.server.given[1] }, { token: it.server.given[1] }]);
  expect(renewals(it.server)).toBe(1);
});

test("a token that its provider answered with 401 is renewed once; one that others renewed is just taken", async () => {
  await using it = await signedIn();
  const first = await it.fresh();
  if (!first.ok) throw new Error(first.say);
  const second = await it.fresh(first.value.accessToken);
  if (!second.ok) throw new Error(second.say);
  expect(second.value.accessToken.reveal()).toBe(it.server.given[1] ?? "");
  expect(await textOf(it.fresh(first.value.accessToken))).toBe(it.server.given[1] ?? "");
  expect(renewals(it.server)).toBe(1);
});

test.each([
  ["Google's", refusing.invalidGrant],
  ["OpenAI's", refusing.reused],
])(
  "%s word for a dead sign-in means needs_login, asked once and remembered across restarts",
  async (_whose, refusal) => {
    await using it = await signedIn();
    it.world.advance(3_600_000);
    it.server.refuseWith = refusal;
    const dead = await it.fresh();
    expect(dead).toMatchObject({ ok: false, code: "unauthorized", details: { reason: "needs_login" } });
    expect(JSON.stringify(dead)).not.toContain("planted");
    expect(await openAccounts(it.world.world).freshToken(it.profileId, { provider: "openai" })).toMatchObject(
      {
        details: { reason: "needs_login" },
      },
    );
    expect(renewals(it.server)).toBe(1);
    expect(await it.accounts.list()).toMatchObject({ value: [{ state: "needs_login" }] });

    it.server.refuseWith = undefined;
    await signIn(it.accounts, it.server);
    expect((await it.fresh()).ok).toBe(true);
    expect(await it.accounts.list()).toMatchObject({ value: [{ state: "ready" }] });
  },
);

test("a sign-in server that is down is no reason to sign in anew, and the last seconds of a token are used", async () => {
  await using it = await signedIn();
  it.server.refuseWith = refusing.broken;
  it.world.advance(3_590_000);
  expect(await textOf(it.fresh())).toBe(it.server.given[0] ?? "");
  it.world.advance(10_000);
  expect(await it.fresh()).toMatchObject({ code: "unavailable", details: { reason: "unreachable" } });
  it.server.refuseWith = undefined;
  expect((await it.fresh()).ok).toBe(true);
});

test("a refresh token that the server does not rotate is kept, and a token without an end is never renewed", async () => {
  await using it = await signedIn({ expiresIn: null });
  it.world.advance(1e11);
  expect((await it.fresh()).ok).toBe(true);
  expect(renewals(it.server)).toBe(0);
});

test("tokens that the disk would not take are stored later instead of asked for with a dead refresh token", async () => {
  await using it = await signedIn();
  it.world.advance(3_600_000);
  const lock = `${it.world.path}.lock`;
  rmSync(lock);
  mkdirSync(lock);
  const refused = await it.fresh();
  expect(refused).toMatchObject({ ok: false, details: { reason: "file" } });
  rmdirSync(lock);
  expect(await textOf(it.fresh())).toBe(it.server.given[1] ?? "");
  expect(renewals(it.server)).toBe(1);
  const other = openAccounts(it.world.world);
  expect(await textOf(other.freshToken(it.profileId, { provider: "openai" }))).toBe(it.server.given[1] ?? "");
});

test("a program without our lock that renewed meanwhile loses nothing, and is not overwritten", async () => {
  await using it = await signedIn();
  it.world.advance(3_600_000);
  const gate = Promise.withResolvers<void>();
  it.server.gate = gate.promise;
  it.server.refuseWith = refusing.invalidGrant;
  const waiting = it.fresh();
  while (renewals(it.server) === 0) await new Promise((resolve) => setImmediate(resolve));
  using sealer = createSealer(testPassword);
  const file = JSON.parse(it.world.text());
  file.profiles[0].tokens = {
    access_token: await sealer.seal("theirs"),
    refresh_token: await sealer.seal("their-refresh"),
    token_type: "Bearer",
    expires_at_ms: it.world.world.nowMs() + 3_600_000,
  };
  it.world.write(file);
  gate.resolve();
  expect(await textOf(waiting)).toBe("theirs");
});

test("another password, none, another provider and an unknown id are refused, each in its words", async () => {
  await using it = await signedIn();
  const ask = (password: string, provider: "openai" | "google", id = it.profileId) =>
    openAccounts({
      ...it.world.world,
      env: { ...it.world.world.env, CARAPACE_CONFIG_PASSWORD: password },
    }).freshToken(id, { provider });
  expect(await ask("not that", "openai")).toMatchObject({ details: { reason: "locked" } });
  expect(await ask("", "openai")).toMatchObject({ details: { reason: "locked" } });
  expect(await ask(testPassword, "google")).toMatchObject({ details: { reason: "not_found" } });
  expect(await ask(testPassword, "openai", "openai-0")).toMatchObject({ details: { reason: "not_found" } });
});

test("who goes away while it is renewed gets nothing, and the renewal is not lost", async () => {
  await using it = await signedIn();
  it.world.advance(3_600_000);
  const gate = Promise.withResolvers<void>();
  it.server.gate = gate.promise;
  const leaving = new AbortController();
  const left = it.accounts.freshToken(it.profileId, { provider: "openai", signal: leaving.signal });
  while (renewals(it.server) === 0) await new Promise((resolve) => setImmediate(resolve));
  leaving.abort();
  expect(await left).toMatchObject({ ok: false });
  gate.resolve();
  expect(await textOf(it.fresh())).toBe(it.server.given[1] ?? "");
  expect(renewals(it.server)).toBe(1);
});

test("when it was used last is written every five minutes at most, and nothing else stays behind", async () => {
  await using it = await signedIn();
  const lastUsed = () => JSON.parse(it.world.text()).profiles[0].last_used_ms;
  const before = lastUsed();
  it.world.advance(299_000);
  await it.fresh();
  expect(lastUsed()).toBe(before);
  it.world.advance(1000);
  await it.fresh();
  expect(lastUsed()).toBe(before + 300_000);
  expect(readdirSync(it.world.folder).sort()).toEqual(["auth_profiles.json", "auth_profiles.json.lock"]);
});

test("a token at hand goes to nobody but the provider it is of", async () => {
  await using it = await signedIn();
  const google = () => textOf(it.accounts.freshToken(it.profileId, { provider: "google" }));
  expect(await google()).toContain("of that provider");
  expect(await textOf(it.fresh())).toBe(it.server.given[0] ?? "");
  expect(await google()).toContain("of that provider");
});

test.each([{ expires_in: -1 }, { expires_in: "soon" }, { refresh_token: "" }])(
  "a good token with %j is kept all the same",
  async (odd) => {
    await using it = await signedIn();
    it.server.refuseWith = {
      status: 200,
      body: { access_token: "good-token", token_type: "Bearer", ...odd },
    };
    it.world.advance(3_600_000);
    expect(await textOf(it.fresh())).toBe("good-token");
    expect(await textOf(it.fresh())).toBe("good-token");
    expect(renewals(it.server)).toBe(1);
  },
);
