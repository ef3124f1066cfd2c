// biome-ignore-all lint/suspicious/noTemplateCurlyInString: placeholders in texts are what is tested
import { expect, test } from "bun:test";
import { argon2Sync, createCipheriv, createDecipheriv, createHash } from "node:crypto";
import { readFileSync } from "node:fs";
import type { Json } from "@carapace/protocol";
import { loadConfig } from "../load-config.ts";
import { testFolder } from "../testing/folder.ts";
import { setConfigValue } from "../write/write.ts";
import { sealConfig } from "./seal-file.ts";

const password = "contract-test-password";
const how = { memory: 65_536, passes: 3, parallelism: 1, tagLength: 32 };
const keys = new Map<string, Uint8Array>();

/** The format as it is described (config.md §11.1), in code of its own: what the other program does. */
function keyOf(salt: Uint8Array): Uint8Array {
  const name = Buffer.from(salt).toString("hex");
  const key =
    keys.get(name) ?? argon2Sync("argon2id", { ...how, message: Buffer.from(password), nonce: salt });
  keys.set(name, key);
  return key;
}

function sealByFormat(text: string, saltName: string): string {
  const salt = createHash("sha256").update(saltName).digest().subarray(0, 16);
  const nonce = createHash("sha256").update(`${saltName}/${text}`).digest().subarray(0, 12);
  const cipher = createCipheriv("aes-256-gcm", keyOf(salt), nonce);
  const sealed = Buffer.concat([cipher.update(text, "utf8"), cipher.final(), cipher.getAuthTag()]);
  return `enc:v2:${[nonce, sealed, salt].map((part) => part.toString("base64")).join(":")}`;
}

/** What the other program makes of a file: placeholders first, the section's own as they are written; then it opens. */
function readByFormat(tree: Json, variable: (name: string) => string): Json {
  if (Array.isArray(tree)) return tree.map((item) => readByFormat(item, variable));
  if (typeof tree === "object" && tree !== null) {
    return Object.fromEntries(
      Object.entries(tree).map(([name, value]) => [name, readByFormat(value, variable)]),
    );
  }
  if (typeof tree !== "string") return tree;
  const text = tree.replace(/\$?\$\{([A-Z_][A-Z0-9_]*)\}/g, (all, name) =>
    all.startsWith("$$") ? all.slice(1) : variable(name),
  );
  const [, nonce, sealed, salt] =
    /^enc:v2:([^:]+):([^:]+):([^:]+)$/.exec(text)?.map((part) => Buffer.from(part, "base64")) ?? [];
  if (!nonce || !sealed || !salt) return text;
  const cipher = createDecipheriv("aes-256-gcm", keyOf(salt), nonce);
  cipher.setAuthTag(sealed.subarray(-16));
  return cipher.update(sealed.subarray(0, -16), undefined, "utf8") + cipher.final("utf8");
}

const theirs = {
  anthropic: { apiKey: sealByFormat("sk-ant-1", "first write") },
  discord: { botToken: "${DISCORD_BOT_TOKEN}" },
  env: { vars: { DISCORD_BOT_TOKEN: sealByFormat("discord-token", "second write") } },
  gateway: { auth: { mode: "token", token: sealByFormat("tök€n", "third write") }, port: 18790 },
  plugins: { mine: { note: "enc:v2:no envelope" } },
  telegram: {
    baseUrl: "http://127.0.0.1:${PORT}",
    botToken: sealByFormat("${NOT_A_PLACEHOLDER}", "first write"),
  },
};
const included = { slack: { botToken: sealByFormat("xoxb", "fourth write"), signingSecret: "" } };
const meant = {
  anthropic: { apiKey: "sk-ant-1" },
  discord: { botToken: "discord-token" },
  env: { vars: { DISCORD_BOT_TOKEN: "discord-token" } },
  gateway: { auth: { mode: "token", token: "tök€n" }, port: 18790 },
  plugins: { mine: { note: "enc:v2:no envelope" } },
  slack: { botToken: "xoxb", signingSecret: "" },
  telegram: { baseUrl: "http://127.0.0.1:9", botToken: "${NOT_A_PLACEHOLDER}" },
};

function theirFolder() {
  const folder = testFolder({
    "carapace.json5": `${JSON.stringify({ $include: "more.json", ...theirs }, null, 2)}\n`,
    "more.json": `${JSON.stringify(included, null, 2)}\n`,
  });
  return { ...folder, env: { ...folder.env, CARAPACE_CONFIG_PASSWORD: password, PORT: "9" } };
}

test("a file the other program sealed, at several times and in an included file, is read as it is meant", async () => {
  using folder = theirFolder();
  const loaded = await loadConfig({ env: folder.env });
  expect(loaded).toMatchObject({ ok: true, value: { resolved: meant } });
  if (!loaded.ok) throw new Error(loaded.say);
  expect(loaded.value.issues.filter(({ message }) => message.includes("sealed value"))).toEqual([]);
});

test("after a change of ours the other program finds its envelopes to the byte, in its own layout", async () => {
  using folder = theirFolder();
  const before = readFileSync(folder.file("carapace.json5"), "utf8");
  const context = { env: folder.env, method: "config.set", through: "a test" };
  expect(await setConfigValue("gateway.port", 18791, context)).toMatchObject({ ok: true });
  const after = readFileSync(folder.file("carapace.json5"), "utf8");
  expect(after).toBe(before.replace("18790", "18791"));
  expect(JSON.stringify(included, null, 2).concat("\n")).toBe(readFileSync(folder.file("more.json"), "utf8"));
});

test("what we seal the other program reads as we do, placeholders of all kinds included", async () => {
  const plain = {
    discord: { botToken: "${DISCORD_BOT_TOKEN}" },
    env: { vars: { DISCORD_BOT_TOKEN: "discord-token" } },
    google: { apiKey: "x$${PORT}y" },
    models: { providers: { p: { apiKey: "prefix-${PORT}", baseUrl: "http://u:p@127.0.0.1/" } } },
    openai: { apiKey: "ключ" },
    venice: { apiKey: "$${HOME}" },
  };
  using folder = testFolder({ "carapace.json5": JSON.stringify(plain) });
  const env = { ...folder.env, CARAPACE_CONFIG_PASSWORD: password, PORT: "9" };
  const unsealed = await loadConfig({ env });
  const sealed = await sealConfig({ env, method: "m", through: "a test" });
  expect(sealed.ok && [...sealed.value.sealed].sort()).toEqual([
    "env.vars.DISCORD_BOT_TOKEN",
    "google.apiKey",
    "models.providers.p.baseUrl",
    "openai.apiKey",
    "venice.apiKey",
  ]);
  const text = readFileSync(folder.file("carapace.json5"), "utf8");
  const tree = JSON.parse(text);
  const variables: Record<string, string> = { PORT: "9", ...tree.env.vars };
  const read = readByFormat(tree, (name) => variables[name] ?? "");
  expect(unsealed.ok && unsealed.value.resolved).toEqual(read as never);
  const ours = await loadConfig({ env });
  expect(ours.ok && ours.value.resolved).toEqual(read as never);
});
