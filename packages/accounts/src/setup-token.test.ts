import { expect, test } from "bun:test";
import { Secret } from "@carapace/config";
import { accountsWorld } from "../testing/index.ts";
import { openAccounts } from "./open.ts";

const good = `sk-ant-oat01-${"Ab1_-".repeat(16)}`;

test("a setup token is kept sealed as anthropic:default, and sent as it is", async () => {
  using world = accountsWorld();
  const accounts = openAccounts(world.world);
  const made = accounts.setupToken(new Secret(` ${good}\n`));
  if (!made.ok) throw new Error(made.say);
  expect(made.value.profileId).toBe("anthropic:default");
  expect(await made.value.store()).toMatchObject({ ok: true });
  expect(world.text()).not.toContain(good);
  expect(await accounts.list()).toMatchObject({
    value: [{ kind: "token", provider: "anthropic", state: "ready" }],
  });
  const token = await openAccounts(world.world).freshToken("anthropic:default", { provider: "anthropic" });
  expect(token.ok && token.value.accessToken.reveal()).toBe(good);
  const refused = await accounts.freshToken("anthropic:default", {
    ...{ provider: "anthropic", refused: new Secret(good) },
  });
  expect(refused).toMatchObject({ ok: false, details: { reason: "needs_login" } });
  expect(JSON.stringify(refused)).not.toContain(good);
});

test.each([
  ["an API key", `sk-ant-api03-${"a".repeat(90)}`, "starts with"],
  ["half a token", good.slice(0, 79), "too short (79"],
  ["a token with a line break in it", `${good.slice(0, 70)}\n${good.slice(70)}`, "in one piece"],
  ["nothing", "", "starts with"],
])("%s is refused without telling it", (_what, text, words) => {
  using world = accountsWorld();
  const refused = openAccounts(world.world).setupToken(new Secret(text));
  expect(refused).toMatchObject({ ok: false, say: expect.stringContaining(words) });
  if (text !== "") expect(JSON.stringify(refused)).not.toContain(text.slice(13));
});
