import { afterAll, expect, test } from "bun:test";
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { loadConfig } from "@carapace/config";
import { memoryStore } from "@carapace/secrets/testing";
import { resolveCredentials } from "./credentials.ts";

const folder = mkdtempSync(join(tmpdir(), "carapace-auth-"));
afterAll(() => rmSync(folder, { recursive: true }));
let count = 0;

interface Given {
  readonly env?: Record<string, string>;
  readonly auth?: Record<string, string>;
  readonly stored?: Record<string, string>;
  readonly isLocked?: boolean;
}

async function resolved({ env, auth, stored, isLocked }: Given) {
  count += 1;
  const stateDir = join(folder, String(count));
  mkdirSync(stateDir, { mode: 0o700 });
  writeFileSync(join(stateDir, "carapace.json"), JSON.stringify({ gateway: { auth } }), { mode: 0o600 });
  const loaded = await loadConfig({ env: { ...env, CARAPACE_STATE_DIR: stateDir } });
  if (!loaded.ok) throw new Error(loaded.say);
  const store = memoryStore();
  for (const [name, value] of Object.entries(stored ?? {})) store.held.set(`gateway:${name}:default`, value);
  if (isLocked) store.failure = "store_locked";
  let asked = 0;
  const warnings: string[] = [];
  const credentials = await resolveCredentials({
    snapshot: loaded.value,
    stateDir,
    openStore: async () => {
      asked += 1;
      return store;
    },
    warn: (line) => warnings.push(line),
  });
  if (!credentials.ok) throw new Error(credentials.say);
  const { mode, secret } = credentials.value;
  const hasLocal = existsSync(join(stateDir, "gateway-token"));
  return { mode, secret: secret?.reveal(), asked, hasLocal, warnings };
}

const env = { CARAPACE_GATEWAY_TOKEN: "from-environment" };
const stored = { token: "from-store" };

test.each([
  ["the environment", { env, auth: { token: "from-config" }, stored }, "from-environment"],
  ["the configuration", { auth: { token: "from-config" }, stored }, "from-config"],
])("%s beats the credential store, which is not even opened", async (_what, given, secret) => {
  expect(await resolved(given)).toMatchObject({ mode: "token", secret, asked: 0, hasLocal: false });
});

test("the credential store beats this machine's own token, which is not made then", async () => {
  expect(await resolved({ stored: { token: " from-store \n" } })).toMatchObject({
    mode: "token",
    secret: "from-store",
    hasLocal: false,
  });
});

test("without any credential this machine's own token is made", async () => {
  const found = await resolved({ stored: { token: "  " } });
  expect(found).toMatchObject({ mode: "token", asked: 1, hasLocal: true, warnings: [] });
  expect(found.secret).toMatch(/^[\w-]{43}$/);
});

test("a password in the store turns the mode to password where none is set", async () => {
  expect(await resolved({ stored: { ...stored, password: "p" } })).toMatchObject({
    mode: "password",
    secret: "p",
  });
  expect(await resolved({ auth: { mode: "token" }, stored: { ...stored, password: "p" } })).toMatchObject({
    mode: "token",
    secret: "from-store",
  });
});

test("in password mode a store without a password lets nobody in", async () => {
  expect(await resolved({ auth: { mode: "password" }, stored })).toMatchObject({
    mode: "password",
    secret: undefined,
    hasLocal: false,
  });
});

test("a locked store is told, and opens nothing to others", async () => {
  const locked = await resolved({ stored, isLocked: true });
  expect(locked).toMatchObject({ mode: "token", hasLocal: true });
  expect(locked.secret).not.toBe("from-store");
  expect(locked.warnings.join()).toContain("credential store");
  expect(await resolved({ auth: { mode: "password" }, isLocked: true })).toMatchObject({ secret: undefined });
});

test("mode none asks nobody", async () => {
  expect(await resolved({ auth: { mode: "none" }, stored })).toMatchObject({ secret: undefined, asked: 0 });
});
