import { expect, test } from "bun:test";
import { chmodSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { detect } from "./detect.ts";

/** Nothing listens there: the port of a server that is closed again. */
async function silentUrl(): Promise<string> {
  const server = Bun.serve({ port: 0, hostname: "127.0.0.1", fetch: () => new Response() });
  const url = `http://127.0.0.1:${server.port}`;
  await server.stop(true);
  return url;
}

const ollamaUrl = await silentUrl();
const namesIn = async (env: Record<string, string>) =>
  (await detect({ env, ollamaUrl })).providers.map(({ provider, authMode }) =>
    authMode === undefined ? provider : `${provider} ${authMode}`,
  );

const password = { CARAPACE_CONFIG_PASSWORD: "p" };

test.each([
  [{}, []],
  [{ ANTHROPIC_API_KEY: "k" }, ["anthropic api-key"]],
  [{ ANTHROPIC_API_KEY: "  " }, []],
  [{ ANTHROPIC_SETUP_TOKEN: "t" }, []],
  [{ ANTHROPIC_SETUP_TOKEN: "t", ...password }, ["anthropic setup-token"]],
  [{ ANTHROPIC_SETUP_TOKEN: "t", ANTHROPIC_API_KEY: "k", ...password }, ["anthropic api-key"]],
  [{ OPENAI_OAUTH_CLIENT_ID: "i", OPENAI_OAUTH_CLIENT_SECRET: "s" }, []],
  [{ OPENAI_OAUTH_CLIENT_ID: "i", OPENAI_OAUTH_CLIENT_SECRET: "s", ...password }, ["codex"]],
  [{ GOOGLE_API_KEY: "k" }, ["gemini api-key"]],
  [{ GOOGLE_OAUTH_CLIENT_ID: "i", GOOGLE_OAUTH_CLIENT_SECRET: "s", ...password }, ["gemini oauth"]],
  [{ VERTEX_PROJECT_ID: "p" }, ["vertex"]],
  [{ AWS_REGION: "r", AWS_ACCESS_KEY_ID: "a" }, []],
  [{ AWS_DEFAULT_REGION: "r", AWS_ACCESS_KEY_ID: "a", AWS_SECRET_ACCESS_KEY: "s" }, ["bedrock"]],
  [
    { VENICE_API_KEY: "v", NEARAI_API_KEY: "n", OPENAI_API_KEY: "o", ANTHROPIC_API_KEY: "a" },
    ["anthropic api-key", "openai", "nearai", "venice"],
  ],
])("%j offers %j", async (env, names) => {
  expect(await namesIn(env)).toEqual(names);
});

test("a running Ollama comes after what the environment says, with its models", async () => {
  await using server = ollamaWith(["llama3.2:3b", "qwen3:8b"]);
  const { providers } = await detect({ env: { VENICE_API_KEY: "v" }, ollamaUrl: server.url });
  expect(providers.map(({ provider }) => provider)).toEqual(["venice", "ollama"]);
  expect(providers[1]).toEqual({
    provider: "ollama",
    say: `Ollama runs at ${server.url}`,
    model: "ollama:llama3.2:3b",
    models: ["ollama:llama3.2:3b", "ollama:qwen3:8b"],
  });
});

test("OLLAMA_BASE_URL is asked instead of the usual place, and offered once", async () => {
  await using server = ollamaWith(["qwen3:8b"]);
  const { providers } = await detect({ env: { OLLAMA_BASE_URL: server.url }, ollamaUrl });
  expect(providers).toEqual([
    {
      provider: "ollama",
      say: "OLLAMA_BASE_URL is set",
      model: "ollama:qwen3:8b",
      models: ["ollama:qwen3:8b"],
    },
  ]);
});

test("an Ollama that does not answer in time, answers nonsense or is no address is none", async () => {
  await using slow = serving(() => new Promise<Response>(() => {}));
  await using odd = serving(() => new Response("<html>"));
  for (const url of [slow.url, "not an address"]) {
    expect((await detect({ env: {}, ollamaUrl: url, probeMs: 50 })).providers).toEqual([]);
  }
  expect((await detect({ env: {}, ollamaUrl: odd.url })).providers).toEqual([]);
});

test("the Claude CLI is found where a program of its name lies on the path, last of all", async () => {
  const folder = mkdtempSync(join(tmpdir(), "carapace-detect-"));
  try {
    mkdirSync(join(folder, "claude-is-a-folder", "claude"), { recursive: true });
    const env = { PATH: `${join(folder, "claude-is-a-folder")}:${folder}`, OPENAI_API_KEY: "o" };
    writeFileSync(join(folder, "claude"), "");
    expect(await namesIn(env)).toEqual(["openai"]);
    chmodSync(join(folder, "claude"), 0o755);
    expect(await namesIn(env)).toEqual(["openai", "claude-cli"]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

test("another assistant's file is named, with the command that takes it over", async () => {
  const home = mkdtempSync(join(tmpdir(), "carapace-detect-"));
  try {
    mkdirSync(join(home, ".clawdbot"));
    writeFileSync(join(home, ".clawdbot", "clawdbot.json"), "not read");
    writeFileSync(join(home, ".aider.conf.yml"), "");
    const { tools } = await detect({ env: { HOME: home }, ollamaUrl });
    expect(tools).toEqual([
      {
        label: "OpenClaw",
        path: join(home, ".clawdbot", "clawdbot.json"),
        command: "cara import openclaw",
      },
      { label: "Aider", path: join(home, ".aider.conf.yml"), command: "cara import aider" },
    ]);
  } finally {
    rmSync(home, { recursive: true });
  }
});

test("where a variable names another place, that is looked at", async () => {
  const home = mkdtempSync(join(tmpdir(), "carapace-detect-"));
  try {
    const hermes = join(home, "elsewhere");
    mkdirSync(hermes);
    writeFileSync(join(hermes, "config.yaml"), "");
    writeFileSync(join(home, "own.json"), "");
    const env = { HOME: home, HERMES_HOME: hermes, OPENCLAW_CONFIG_PATH: join(home, "own.json") };
    const { tools } = await detect({ env, ollamaUrl });
    expect(tools.map(({ path }) => path)).toEqual([join(home, "own.json"), join(hermes, "config.yaml")]);
  } finally {
    rmSync(home, { recursive: true });
  }
});

function ollamaWith(names: readonly string[]) {
  return serving((path) =>
    path === "/api/tags"
      ? Response.json({ models: names.map((name) => ({ name })) })
      : new Response("", { status: 404 }),
  );
}

function serving(answer: (path: string) => Response | Promise<Response>) {
  const server = Bun.serve({
    port: 0,
    hostname: "127.0.0.1",
    fetch: (request) => answer(new URL(request.url).pathname),
  });
  return {
    url: `http://127.0.0.1:${server.port}`,
    [Symbol.asyncDispose]: () => server.stop(true),
  };
}
