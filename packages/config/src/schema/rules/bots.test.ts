import { expect, test } from "bun:test";
import type { JsonObject } from "@carapace/protocol";
import { botAccounts } from "./bots.ts";

function told(tree: JsonObject, env: Readonly<Record<string, string>> = {}): string[] {
  const found = botAccounts({ tree, env, lookup: (name) => env[name] });
  return found.map(({ severity, path }) => `${severity} ${path.join(".")}`);
}

test.each<[string, JsonObject, string[]]>([
  ["no section", {}, []],
  ["a token", { telegram: { enabled: true, botToken: "1:a" } }, []],
  ["a token and no switch", { discord: { botToken: "a" } }, []],
  ["the switch without a token", { discord: { enabled: true } }, ["warning discord.enabled"]],
  [
    "the switch and a blank token",
    { telegram: { enabled: true, botToken: " " } },
    ["warning telegram.enabled"],
  ],
  ["a section that is switched off", { telegram: { enabled: false, baseUrl: "x" } }, []],
  ["no section but a text", { telegram: "x", discord: [] }, []],
])("of %s is told what is wrong with it", (_, tree, expected) => {
  expect(told(tree)).toEqual(expected);
});

test("a token of the environment is one", () => {
  expect(told({ telegram: { enabled: true } }, { TELEGRAM_BOT_TOKEN: "1:a" })).toEqual([]);
  expect(told({ telegram: { enabled: true } }, { DISCORD_BOT_TOKEN: "a" })).toHaveLength(1);
});

test.each<[string, boolean]>([
  ["https://api.telegram.org", true],
  ["http://127.0.0.1:8081/", true],
  ["https://bots.example.org/path", true],
  ["", true],
  ["api.telegram.org", false],
  ["ftp://example.org", false],
  ["https://user:pass@example.org", false],
  ["https://example.org/?x", false],
  ["https://example.org/#x", false],
])("the address %p can be used: %p", (baseUrl, isFit) => {
  expect(told({ telegram: { baseUrl } })).toEqual(isFit ? [] : ["warning telegram.baseUrl"]);
});
