import { expect, test } from "bun:test";
import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { findPlainCredentials } from "./plain-credentials.ts";

function stateDir(files: Readonly<Record<string, string>>) {
  const folder = mkdtempSync(join(tmpdir(), "carapace-plain-"));
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
  return {
    folder,
    found: () => findPlainCredentials(folder).map((path) => path.slice(folder.length + 1)),
    [Symbol.dispose]: () => rmSync(folder, { recursive: true }),
  };
}

test.each([
  ["credentials/oauth.json", '{"provider": {"access": "abc"}}'],
  ["credentials/github-copilot.token.json", '{"token": "abc"}'],
  ["credentials/creds.json", "not JSON"],
  ["credentials/telegram-pairing.json", '{"botToken": "abc"}'],
  ["credentials/whatsapp/me/creds.json", '{"noiseKey": {"private": {"data": "abc"}}}'],
  ["agents/main/agent/auth-profiles.json", '{"profiles": [{"key": "abc"}]}'],
  ["agents/main/agent/auth.json", `${"[".repeat(70)}${"]".repeat(70)}`],
])("a login of another tool is found: %s", (name, text) => {
  using state = stateDir({ [name]: text });
  expect(state.found()).toEqual([name]);
});

test("our own files, and files without a secret, are left alone", () => {
  using state = stateDir({
    "credentials/index.json": '{"token": "abc"}',
    "credentials/slack-allowFrom.json": '{"allowFrom": ["U1"], "token": ""}',
    "agents/main/agent/models.json": '{"apiKey": "abc"}',
    "agents/main/agent/auth.json": "{}",
  });
  expect(state.found()).toEqual([]);
  expect(findPlainCredentials(join(state.folder, "nowhere"))).toEqual([]);
});

test("a link in such a place is not followed, and told", () => {
  using state = stateDir({ "elsewhere.json": "{}", "credentials/x": "" });
  symlinkSync(join(state.folder, "elsewhere.json"), join(state.folder, "credentials", "oauth.json"));
  expect(state.found()).toEqual(["credentials/oauth.json"]);
});
