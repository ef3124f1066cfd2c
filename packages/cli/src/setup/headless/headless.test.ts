import { expect, test } from "bun:test";
import { Secret } from "@carapace/config";
import { parseCommand } from "../../command/parse.ts";
import { definition } from "../../commands/setup.ts";
import { readWishes, type SetupFlags } from "../read-wishes.ts";
import { headlessAnswers } from "./headless.ts";

const nothing = async () => ({ providers: [], tools: [] });
const profile = {
  profileId: "anthropic:default",
  store: async () => ({ ok: true, value: undefined }) as const,
};

/** What comes of a command line where nobody is asked. */
async function answered(words: readonly string[], env: Record<string, string> = {}) {
  const parsed = parseCommand(definition, words);
  if (parsed.kind !== "run") throw new Error(`${words.join(" ")} does not parse`);
  // The parser made these values from the command's own definition.
  const wishes = readWishes(parsed.options as unknown as SetupFlags);
  if (!wishes.ok) return wishes;
  return await headlessAnswers(wishes.value, {
    env,
    random: (bytes) => new Uint8Array(bytes).fill(0xab),
    setupToken: async () => ({ ok: true, value: profile }),
    detect: nothing,
  });
}

const refusals = [
  [[], "--provider has to say which one"],
  [["--model", "anthropic.claude-v2:0"], "looks like a model of Bedrock: --provider bedrock"],
  [["--model", "gpt-5"], "looks like a model of openai: --provider openai"],
  [["--model", "mystery"], "does not tell whose it is"],
  [["--model", "xyz:a"], "is no provider"],
  [["--provider", "nobody"], "--provider takes one of anthropic, claude, codex"],
  [["--provider", "codex", "--model", "default"], "browser"],
  [["--provider", "codex"], "browser"],
  [["--provider", "openai"], "cara setup --provider openai --model openai:"],
  [["--provider", "gemini"], "--provider gemini --auth-mode api-key --model gemini:"],
  [
    ["--provider", "offline", "--outcome", "matrix"],
    "MATRIX_ACCESS_TOKEN and MATRIX_DEVICE_ID in the place of",
  ],
  [["--provider", "vertex"], "VERTEX_MODEL"],
  [["--provider", "openai", "--model", "anthropic:x"], "but the provider is openai"],
  [["--provider", "openai", "--model", "gpt-5"], "OPENAI_API_KEY is not set"],
  [["--provider", "bedrock", "--model", "a.b-v1:0"], "AWS_ACCESS_KEY_ID, AWS_SECRET_ACCESS_KEY are not set"],
  [["--provider", "gemini", "--model", "gemini-3"], "--auth-mode api-key"],
  [["--provider", "gemini", "--model", "gemini-3", "--auth-mode", "oauth"], "browser"],
  [
    ["--provider", "gemini", "--model", "gemini-3", "--auth-mode", "setup-token"],
    "takes --auth-mode oauth or api-key",
  ],
  [
    ["--provider", "anthropic", "--model", "claude-x", "--auth-mode", "oauth"],
    "takes --auth-mode api-key or",
  ],
  [["--provider", "openai", "--model", "gpt-5", "--auth-mode", "api-key"], "has one way in"],
  [["--auth-mode", "api-key"], "needs --provider"],
  [["--provider", "offline", "--model", "x"], "leave --model out"],
  [["--provider", "offline", "--outcome", "fame"], "--outcome takes"],
  [["--provider", "offline", "--verify-to", "5"], "--verify-to is for a channel"],
  [
    ["--provider", "claude", "--model", "claude-x", "--auth-mode", "setup-token"],
    "ANTHROPIC_SETUP_TOKEN and",
  ],
] as const;

test.each(refusals)("%j is refused with what to do", async (words, say) => {
  const refused = await answered(words);
  expect(refused.ok ? "" : refused.say).toContain(say);
});

test("what is not said has its default, and the token is random", async () => {
  expect(await answered(["--provider", "offline"])).toEqual({
    ok: true,
    value: {
      provider: { provider: "offline" },
      auth: { mode: "token", token: new Secret("ab".repeat(32)) },
      ...{ bind: "loopback", port: 18789, outcome: "local-chat", controlUi: false },
    },
  });
});

test("flags say bind, port, outcome and whom to send to", async () => {
  const words = [
    "--provider",
    "skip",
    "--bind",
    "lan",
    "-p",
    "4000",
    "--outcome",
    "Telegram",
    "--verify-to",
    " 4711 ",
  ];
  expect(await answered(words, { TELEGRAM_BOT_TOKEN: "t" })).toMatchObject({
    ok: true,
    value: {
      ...{ bind: "lan", port: 4000, outcome: "telegram" },
      channel: {
        channel: "telegram",
        botToken: { kind: "variable", name: "TELEGRAM_BOT_TOKEN" },
        verifyTo: "4711",
      },
    },
  });
});

test.each([
  ["claude-3-x", "claude"],
  ["gpt-5", "gpt"],
])("the alias of a provider does: %s of %s", async (model, alias) => {
  const env = { ANTHROPIC_API_KEY: "a", OPENAI_API_KEY: "o" };
  expect(await answered(["--provider", alias, "--model", model], env)).toMatchObject({ ok: true });
});

test("a known prefix of the model implies the provider", async () => {
  const made = await answered(["--model", "venice:m"], { VENICE_API_KEY: "v" });
  expect(made).toMatchObject({ ok: true, value: { provider: { provider: "venice" }, model: "venice:m" } });
});

test("a blank variable is as good as none", async () => {
  const words = ["--provider", "venice", "--model", "m"];
  const refused = await answered(words, { VENICE_API_KEY: " " });
  expect(refused.ok ? "" : refused.say).toContain("VENICE_API_KEY is not set");
});

test("a setup token needs both the token and the password that seals it", async () => {
  const words = ["--provider", "anthropic", "--auth-mode", "setup-token", "--model", "claude-x"];
  const both = { ANTHROPIC_SETUP_TOKEN: "t", CARAPACE_CONFIG_PASSWORD: "p" };
  for (const [name, other] of [
    ["ANTHROPIC_SETUP_TOKEN", "CARAPACE_CONFIG_PASSWORD"],
    ["CARAPACE_CONFIG_PASSWORD", "ANTHROPIC_SETUP_TOKEN"],
  ] as const) {
    const refused = await answered(words, { [name]: both[name] });
    expect(refused.ok ? "" : refused.say).toContain(other);
  }
  expect(await answered(words, both)).toMatchObject({
    ok: true,
    value: { provider: { mode: "setupToken" } },
  });
});

test("Matrix signs in with a token and its device, else with a password, and keeps its keys encrypted", async () => {
  const words = ["--provider", "offline", "--outcome", "matrix"];
  const account = { MATRIX_HOMESERVER_URL: "https://m.example", MATRIX_USER_ID: "@me:m.example" };
  const token = { ...account, MATRIX_ACCESS_TOKEN: "t" };
  const said = async (env: Record<string, string>) => {
    const refused = await answered(words, env);
    return refused.ok ? "" : refused.say;
  };
  expect(await said({})).toContain("MATRIX_HOMESERVER_URL, MATRIX_USER_ID, MATRIX_PASSWORD");
  expect(await said(token)).toContain("MATRIX_DEVICE_ID");
  expect(await said({ ...account, MATRIX_PASSWORD: "p" })).toContain("MATRIX_STORE_PASSPHRASE");
  const sealed = { ...account, MATRIX_PASSWORD: "p", CARAPACE_CONFIG_PASSWORD: "c" };
  expect(await answered(words, sealed)).toMatchObject({
    ok: true,
    value: { channel: { signIn: { kind: "password" }, encrypted: true, storePassphrase: { kind: "none" } } },
  });
});
