// biome-ignore-all lint/suspicious/noTemplateCurlyInString: placeholders in texts are what is tested
import { expect, test } from "bun:test";
import { loadConfig } from "./load-config.ts";
import { shownConfig, shownFile, shownKey } from "./shown.ts";
import { testFolder } from "./testing/folder.ts";

async function snapshotOf(text: string) {
  using folder = testFolder({ "carapace.json5": text });
  const env = {
    ...folder.env,
    MYSQL_PWD: "hunter2hunter2",
    ZONE: "Mars/Somewhere",
    OPENAI_API_KEY: "key-of-the-owner",
  };
  const loaded = await loadConfig({ env });
  if (!loaded.ok) throw new Error(loaded.say);
  return loaded.value;
}

test("a text with placeholders is shown as it is written, wherever the configuration is shown", async () => {
  const snapshot = await snapshotOf(
    "{zzz: '${MYSQL_PWD}|', list: [{a: '$${X} ${ZONE}'}], env: {MINE: '${MYSQL_PWD}'}, agents: {list: [{id: 'a', model: '${MINE}'}]}}",
  );
  for (const shown of [
    shownFile(snapshot).config,
    shownFile(snapshot).parsed,
    shownConfig(snapshot, "api"),
  ]) {
    expect(shown).toMatchObject({
      zzz: "${MYSQL_PWD}|",
      list: [{ a: "$${X} ${ZONE}" }],
      env: { MINE: "${MYSQL_PWD}" },
      agents: { list: [{ model: "${MINE}" }] },
    });
    expect(JSON.stringify(shown)).not.toMatch(/hunter2|Mars/);
  }
  expect(shownKey(snapshot, "zzz")).toBe("${MYSQL_PWD}|");
  expect(shownKey(snapshot, "list[0].a")).toBe("$${X} ${ZONE}");
  expect(snapshot.resolved["zzz"]).toBe("hunter2hunter2|");
});

test("a known secret is masked under any name, and in what is said of a value", async () => {
  const snapshot = await snapshotOf(
    "{zzz: 'key-of-the-owner', gateway: {auth: {token: 'a-long-token'}, bind: 'x a-long-token'}, agents: {defaults: {timezone: '${MYSQL_PWD}'}}}",
  );
  const everything = [
    shownFile(snapshot),
    shownConfig(snapshot, "show"),
    shownKey(snapshot, "zzz"),
    snapshot.issues,
  ];
  expect(JSON.stringify(everything)).not.toMatch(/key-of-the-owner|a-long-token|hunter2/);
  expect(shownKey(snapshot, "zzz")).toBe("[REDACTED]");
  expect(shownKey(snapshot, "gateway.auth")).toEqual({ token: "[REDACTED]" });
  expect(shownKey(snapshot, "not.there")).toBeNull();
});

test("a list that lost a wrong entry is shown as it is written", async () => {
  const snapshot = await snapshotOf("{gateway: {trustedProxies: [5, '${MYSQL_PWD}']}}");
  expect(shownConfig(snapshot, "show")).toMatchObject({ gateway: { trustedProxies: [5, "${MYSQL_PWD}"] } });
});

test("what a header says is not shown, however short it is and whatever it is called", async () => {
  const snapshot = await snapshotOf(
    "{webhook: {url: 'https://a.org', headers: {'X-Door': 'abc', Accept: '*/*'}}}",
  );
  const headers = { "X-Door": "[REDACTED]", Accept: "*/*" };
  expect(shownFile(snapshot).config).toMatchObject({ webhook: { url: "https://a.org", headers } });
  expect(shownKey(snapshot, "webhook.headers.X-Door")).toBe("[REDACTED]");
  expect(shownKey(snapshot, "webhook.headers")).toEqual(headers);
  expect(shownKey(snapshot, "webhook.url")).toBe("https://a.org");
});
