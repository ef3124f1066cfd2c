import { expect, test } from "bun:test";
import { loadConfig } from "@carapace/config";
import { emptyHome } from "../../testing/cara.ts";
import { configure } from "../../testing/prove.ts";
import { chooseOutcome } from "./auto.ts";

const matrix = {
  homeserverUrl: "https://example.org",
  userId: "@me:example.org",
  password: "p",
  encrypted: false,
};
const hooks = { gateway: { hooks: { enabled: true, token: "t" } } };
const telegram = { botToken: "1:a" };
const discord = { botToken: "a" };

test.each([
  [{}, "local-chat"],
  [hooks, "hooks"],
  [{ matrix, ...hooks }, "matrix"],
  [{ matrix: { ...matrix, userId: "nobody" }, ...hooks }, "hooks"],
  [{ matrix: { ...matrix, enabled: false } }, "local-chat"],
  [{ telegram, matrix }, "telegram"],
  [{ telegram: { ...telegram, enabled: false } }, "local-chat"],
  [{ telegram: { botToken: " " } }, "local-chat"],
  [{ discord, telegram, matrix }, "discord"],
])("auto takes what the configuration is made for: %j", async (config, outcome) => {
  using home = emptyHome();
  configure(home, config);
  const loaded = await loadConfig({ env: home.env });
  expect<unknown>(loaded.ok && chooseOutcome(loaded.value)).toBe(outcome);
});

test("a token in the environment alone chooses nothing", async () => {
  using home = emptyHome();
  const env = { ...home.env, DISCORD_BOT_TOKEN: "a" };
  const loaded = await loadConfig({ env });
  expect(loaded.ok && chooseOutcome(loaded.value)).toBe("local-chat");
});
