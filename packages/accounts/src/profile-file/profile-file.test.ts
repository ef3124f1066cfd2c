import { expect, test } from "bun:test";
import {
  chmodSync,
  existsSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { Secret } from "@carapace/config";
import { Crash, faultySteps, systemError } from "@carapace/files/testing";
import { ok } from "@carapace/protocol";
import { createSealer } from "@carapace/secrets/envelope";
import { accountsWorld, testPassword } from "../../testing/index.ts";
import { openAccounts } from "../open.ts";
import { withEntry } from "./edit.ts";
import { openProfileFile } from "./file.ts";
import { StoredProfile } from "./shape.ts";

const setupToken = new Secret(`sk-ant-oat01-${"a".repeat(80)}`);

/** An entry as the reference writes it. */
async function referenceProfile(id: string, password = testPassword) {
  using sealer = createSealer(password);
  return {
    ...{ id, name: "Jane Doe", provider: "openai", user_id: "user-1", email: "jane@example.org" },
    ...{ display_name: "Jane Doe", avatar_url: null, created_at_ms: 1_700_000_000_000, last_used_ms: 0 },
    credential_kind: "o-auth",
    tokens: {
      access_token: await sealer.seal("reference-access"),
      refresh_token: await sealer.seal("reference-refresh"),
      ...{ token_type: "Bearer", expires_at_ms: 1_900_000_000_000, scope: "openid" },
    },
    token: null,
    oauth_provider_config: {
      client_id: "app_reference",
      client_secret: await sealer.seal("reference-secret"),
      redirect_uri: "http://127.0.0.1:4711/auth/callback",
      auth_url: "https://auth.openai.com/oauth/authorize",
      token_url: "https://evil.example/token",
      userinfo_url: "",
      scopes: ["openid"],
    },
  };
}

async function storeToken(accounts: ReturnType<typeof openAccounts>) {
  const made = accounts.setupToken(setupToken);
  return made.ok ? await made.value.store() : made;
}

test("the reference's file is read, and what of it is not ours survives a write as it was", async () => {
  using world = accountsWorld();
  const theirs = await referenceProfile("openai-0123456789ab");
  const others = [{ from: "later", nested: { x: [1, null] } }, 7, { id: "x", provider: "acme" }];
  const locked = { ...(await referenceProfile("openai-of-another-password", "other")), extra: "kept" };
  world.write({ version: 2, profiles: [theirs, ...others, locked] });
  const accounts = openAccounts(world.world);
  const token = await accounts.freshToken(theirs.id, { provider: "openai" });
  expect(token.ok && token.value.accessToken.reveal()).toBe("reference-access");
  const client = await accounts.knownClient("openai");
  expect(client.ok && [client.value?.id, client.value?.secret?.reveal()]).toEqual([
    "app_reference",
    "reference-secret",
  ]);
  expect(await accounts.list()).toMatchObject({
    value: [
      { id: theirs.id, state: "ready" },
      { id: locked.id, state: "locked" },
    ],
  });
  expect(await storeToken(accounts)).toMatchObject({ ok: true });
  const { version, profiles } = JSON.parse(world.text());
  expect(version).toBe(2);
  const [first, ...rest] = profiles;
  expect({ ...first, last_used_ms: 0 }).toEqual(theirs);
  expect(rest.slice(0, 4)).toEqual([...others, locked]);
  expect(profiles).toHaveLength(6);
  expect(world.text()).not.toContain(setupToken.reveal());
  // One key opens what was there and what came.
  using sealer = createSealer(testPassword);
  await sealer.open(theirs.tokens.access_token);
  expect(await sealer.open(profiles[5].token)).toMatchObject({ value: setupToken.reveal() });
  expect(sealer.derivations).toBe(1);
});

test.each([
  ["a bare array", [], "first version"],
  ["another version", { version: 3, profiles: [] }, "version 2"],
  ["no profiles", { version: 2 }, "version 2"],
  ["no JSON", "{", "not JSON"],
  ["nothing", "", "not JSON"],
  ["depth without end", "[".repeat(200_000), "not JSON"],
])("%s is refused, and not written over", async (_what, content, words) => {
  using world = accountsWorld();
  world.write(content);
  const before = world.text();
  const accounts = openAccounts(world.world);
  for (const refused of [await accounts.list(), await storeToken(accounts)])
    expect(refused).toMatchObject({ ok: false, code: "conflict", say: expect.stringContaining(words) });
  expect(world.text()).toBe(before);
});

test("a readable secret is refused where there is a password, and not told", async () => {
  using world = accountsWorld();
  const profile = await referenceProfile("openai-0123456789ab");
  profile.tokens.refresh_token = "readable-planted";
  world.write({ version: 2, profiles: [profile] });
  const refused = await openAccounts(world.world).list();
  expect(refused).toMatchObject({ ok: false, say: expect.stringContaining("in clear") });
  expect(JSON.stringify(refused)).not.toContain("planted");
});

test("names that would change an object's kind are data, and change nothing", async () => {
  using world = accountsWorld();
  const profile = JSON.stringify(await referenceProfile("openai-0123456789ab"));
  const hostile = profile.replace(
    "{",
    '{"__proto__":{"id":"evil"},"constructor":{"prototype":{"polluted":1}},',
  );
  world.write(`{"version":2,"profiles":[${hostile}]}`);
  const accounts = openAccounts(world.world);
  expect(await accounts.list()).toMatchObject({ value: [{ id: "openai-0123456789ab" }] });
  await storeToken(accounts);
  expect(Object.hasOwn(JSON.parse(world.text()).profiles[0], "__proto__")).toBe(true);
  expect("polluted" in {}).toBe(false);
});

test("a link, a folder and a huge file in its place are refused; a wide mode is narrowed", async () => {
  using world = accountsWorld();
  const accounts = openAccounts(world.world);
  const elsewhere = join(world.folder, "elsewhere");
  writeFileSync(elsewhere, '{"version":2,"profiles":[]}', { mode: 0o600 });
  symlinkSync(elsewhere, world.path);
  expect(await accounts.list()).toMatchObject({ ok: false, problem: "link" });
  expect(await storeToken(accounts)).toMatchObject({ ok: false });
  expect(readFileSync(elsewhere, "utf8")).toBe('{"version":2,"profiles":[]}');
  rmSync(world.path);
  world.write(" ".repeat(16 * 1024 * 1024 + 1));
  expect(await accounts.list()).toMatchObject({ ok: false, problem: "size" });
  world.write({ version: 2, profiles: [] });
  chmodSync(world.path, 0o666);
  expect((await accounts.list()).ok).toBe(true);
  expect(statSync(world.path).mode & 0o777).toBe(0o600);
});

test("a twenty-first sign-in is refused, one of the twenty can be replaced and removed", async () => {
  using world = accountsWorld();
  const profiles = Array.from({ length: 20 }, (_, index) => ({ unknown: index }));
  world.write({ version: 2, profiles });
  const accounts = openAccounts(world.world);
  expect(await storeToken(accounts)).toMatchObject({ ok: false, say: expect.stringContaining("remove one") });
  world.write({ version: 2, profiles: profiles.slice(1) });
  expect((await storeToken(accounts)).ok).toBe(true);
  expect((await storeToken(accounts)).ok).toBe(true);
  expect(JSON.parse(world.text()).profiles).toHaveLength(20);
  expect(await accounts.remove("anthropic:default")).toEqual({ ok: true, value: true });
  expect(await accounts.remove("anthropic:default")).toEqual({ ok: true, value: false });
  expect(JSON.parse(world.text()).profiles).toEqual(profiles.slice(1));
});

test("a death at any step of a write leaves the old or the new file, whole, and the next write works", async () => {
  const entry = StoredProfile.parse({ id: "a", name: "a", provider: "openai", created_at_ms: 1 });
  using world = accountsWorld();
  for (let at = 0; ; at++) {
    world.write({ version: 2, profiles: ["old"] });
    const steps = faultySteps(at, () => {
      throw new Crash("died");
    });
    const file = openProfileFile({ stateDir: world.folder, isSealing: true, steps });
    const outcome = await file.change((entries) => withEntry(entries, entry)).catch((error) => error);
    const after = JSON.parse(world.text()).profiles;
    expect([1, 2]).toContain(after.length);
    const next = openProfileFile({ stateDir: world.folder, isSealing: true });
    expect((await next.change((entries) => withEntry(entries, entry))).ok).toBe(true);
    expect(JSON.parse(world.text()).profiles).toHaveLength(2);
    expect(readdirSync(world.folder).filter((name) => name.includes(".tmp."))).toEqual([]);
    if (!(outcome instanceof Crash)) return;
  }
});

test("a full disk is refused in words, and the old file stays", async () => {
  using world = accountsWorld();
  world.write({ version: 2, profiles: [] });
  const steps = faultySteps(1, () => {
    throw systemError("ENOSPC");
  });
  const file = openProfileFile({ stateDir: world.folder, isSealing: true, steps });
  const entry = StoredProfile.parse({ id: "a", name: "a", provider: "openai", created_at_ms: 1 });
  expect(await file.change((entries) => withEntry(entries, entry))).toMatchObject({
    ok: false,
    problem: "full",
  });
  expect(JSON.parse(world.text())).toEqual({ version: 2, profiles: [] });
});

test("two who change it at once both get their change in", async () => {
  using world = accountsWorld();
  const open = () => openProfileFile({ stateDir: join(world.folder, "new"), isSealing: true });
  const add = (id: string) =>
    open().change(async (entries) => {
      await new Promise((resolve) => setImmediate(resolve));
      return withEntry(entries, StoredProfile.parse({ id, name: id, provider: "openai", created_at_ms: 1 }));
    });
  const all = await Promise.all(["a", "b", "c"].map(add));
  expect(all.map((one) => one.ok)).toEqual([true, true, true]);
  const read = open().read();
  expect(read.ok && read.value.map(({ profile }) => profile?.id).sort()).toEqual(["a", "b", "c"]);
  expect(existsSync(world.path)).toBe(false);
});

test("what is left unchanged is not written", async () => {
  using world = accountsWorld();
  const file = openProfileFile({ stateDir: world.folder, isSealing: true });
  expect(await file.change((entries) => ok(entries))).toEqual({ ok: true, value: undefined });
  expect(existsSync(world.path)).toBe(false);
});
