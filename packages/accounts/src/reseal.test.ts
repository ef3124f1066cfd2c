import { expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { createSealer } from "@carapace/secrets/envelope";
import { accountsWorld, testPassword } from "../testing/index.ts";
import { openAccounts } from "./open.ts";
import { resealedProfiles } from "./reseal.ts";

test("what opens is sealed anew and what does not stays, and nobody else writes meanwhile", async () => {
  using world = accountsWorld();
  using sealer = createSealer(testPassword);
  using other = createSealer("another");
  const entry = async (id: string, seal: typeof sealer) => ({
    ...{
      id,
      name: id,
      provider: "openai",
      created_at_ms: 1,
      credential_kind: "o-auth",
      later: { kept: true },
    },
    tokens: { access_token: await seal.seal("a"), refresh_token: await seal.seal("r"), token_type: "Bearer" },
    oauth_provider_config: { client_id: "c", client_secret: await seal.seal("s"), extra: 1 },
  });
  const locked = await entry("locked", other);
  world.write({ version: 2, profiles: ["odd", await entry("mine", sealer), locked] });
  const before = world.text();
  const made = await resealedProfiles(world.world.env, "next");
  if (!made.ok) throw new Error(made.say);
  {
    using resealed = made.value;
    expect([resealed.name, resealed.count]).toEqual(["auth_profiles.json", 3]);
    expect(world.text()).toBe(before);
    writeFileSync(world.path, resealed.bytes ?? "");
  }
  const { profiles } = JSON.parse(world.text());
  expect([profiles[0], profiles[2]]).toEqual(["odd", locked]);
  expect(profiles[1]).toMatchObject({ later: { kept: true }, oauth_provider_config: { extra: 1 } });
  const env = { ...world.world.env, CARAPACE_CONFIG_PASSWORD: "next" };
  const token = await openAccounts({ ...world.world, env }).freshToken("mine", { provider: "openai" });
  expect(token.ok && token.value.accessToken.reveal()).toBe("a");
});

test("without sealed sign-ins there is nothing to write; a file that cannot be read is refused", async () => {
  using world = accountsWorld();
  const none = await resealedProfiles(world.world.env, "next");
  expect(none).toMatchObject({ ok: true, value: { count: 0, bytes: undefined } });
  if (none.ok) none.value[Symbol.dispose]();
  world.write("[]");
  expect(await resealedProfiles(world.world.env, "next")).toMatchObject({ ok: false, code: "conflict" });
  world.write({ version: 2, profiles: [] });
  const again = await resealedProfiles(world.world.env, "next");
  expect(again.ok).toBe(true);
  if (again.ok) again.value[Symbol.dispose]();
});
