import { expect, test } from "bun:test";
import type { JsonObject } from "@carapace/protocol";
import { botAccount } from "./bot-account.ts";
import { typeConfig } from "./schema/typed.ts";

function account(tree: JsonObject, env: Readonly<Record<string, string>> = {}) {
  const { config } = typeConfig(tree);
  const { botToken, ...rest } = botAccount("telegram", {
    config,
    resolved: tree,
    lookup: (name) => env[name],
  });
  return { ...rest, botToken: botToken?.reveal() };
}

const env = { TELEGRAM_BOT_TOKEN: "2:env", TELEGRAM_BASE_URL: "http://127.0.0.1:8081/" };
const vendor = "https://api.telegram.org";

test.each<[string, JsonObject, Readonly<Record<string, string>>, object]>([
  ["nothing is set", {}, {}, { isEnabled: true, baseUrl: vendor, botToken: undefined }],
  [
    "the environment has all of it",
    {},
    env,
    { isEnabled: true, baseUrl: "http://127.0.0.1:8081", botToken: "2:env" },
  ],
  [
    "the file says something too, which comes first",
    { telegram: { botToken: "1:file", baseUrl: "https://bots.example.org/" } },
    env,
    { isEnabled: true, baseUrl: "https://bots.example.org", botToken: "1:file" },
  ],
  [
    "the file's own is blank",
    { telegram: { botToken: "  ", baseUrl: " " } },
    env,
    { isEnabled: true, baseUrl: "http://127.0.0.1:8081", botToken: "2:env" },
  ],
  [
    "the switch is off",
    { telegram: { enabled: false, botToken: "1:file" } },
    {},
    { isEnabled: false, baseUrl: vendor, botToken: "1:file" },
  ],
])("the account when %s", (_, tree, variables, expected) => {
  expect(account(tree, variables)).toEqual(expected as ReturnType<typeof account>);
});
