import { expect, test } from "bun:test";
import { resolveGatewayAuth } from "./auth.ts";
import { loadConfig } from "./load-config.ts";
import { testFolder } from "./testing/folder.ts";

async function authOf(text: string, env: Readonly<Record<string, string>> = {}) {
  using folder = testFolder({ "carapace.json5": text });
  const loaded = await loadConfig({ env: { ...folder.env, ...env } });
  if (!loaded.ok) throw new Error(loaded.say);
  const auth = resolveGatewayAuth(loaded.value);
  return auth.ok
    ? { mode: auth.value.mode, token: auth.value.token?.reveal(), password: auth.value.password?.reveal() }
    : auth;
}

test("without anything the mode is token, and there is none: nobody gets in", async () => {
  expect(await authOf("{}")).toEqual({ mode: "token", token: undefined, password: undefined });
});

test("a password, wherever it comes from, makes the mode password", async () => {
  expect(await authOf("{gateway: {auth: {password: 'p', token: 't'}}}")).toEqual({
    mode: "password",
    token: "t",
    password: "p",
  });
  expect(await authOf("{}", { CARAPACE_GATEWAY_PASSWORD: "p" })).toMatchObject({
    mode: "password",
    password: "p",
  });
});

test("the environment wins over the file, trimmed; blank counts as absent", async () => {
  const text = "{gateway: {auth: {token: 'file'}}, env: {CARAPACE_GATEWAY_PASSWORD: 'from env section'}}";
  expect(await authOf(text, { CARAPACE_GATEWAY_TOKEN: " env \n" })).toEqual({
    mode: "password",
    token: "env",
    password: "from env section",
  });
  expect(await authOf(text, { CARAPACE_GATEWAY_TOKEN: " " })).toMatchObject({ token: "file" });
});

test("local is none", async () => {
  expect(await authOf("{gateway: {auth: {mode: ' local '}}}")).toMatchObject({ mode: "none" });
});

test.each([
  "{gateway: {auth: {mode: 'nobody'}}}",
  "{gateway: {auth: {mode: 5}}}",
  "{gateway: {auth: {token: 5}}}",
  "{gateway: {auth: []}}",
])("%s is refused and not taken for something weaker", async (text) => {
  expect(await authOf(text)).toMatchObject({ ok: false, code: "invalid_request" });
});
