import { expect, test } from "bun:test";
import { loadConfig } from "@carapace/config";
import { emptyHome } from "../../../testing/cara.ts";
import { configure } from "../../../testing/prove.ts";
import { adviceFor } from "./advice.ts";

interface Case {
  readonly say?: string;
  readonly model: string;
  readonly config?: Record<string, unknown>;
  readonly env?: Record<string, string>;
}

async function advice({ say = "something failed", model, config = {}, env = {} }: Case) {
  using home = emptyHome();
  configure(home, config);
  const loaded = await loadConfig({ env: { ...home.env, ...env } });
  if (!loaded.ok) throw new Error(loaded.say);
  return adviceFor({ say, model, subject: { snapshot: loaded.value, place: { kind: "here", port: 0 } } });
}

const password = { CARAPACE_CONFIG_PASSWORD: "p" };

test.each<[string, Case, string]>([
  [
    "an empty route",
    { model: "" },
    "choose a model with: cara config set agents.defaults.model <provider:model>",
  ],
  ["a bare model", { model: "gpt-5" }, '"gpt-5" does not name its provider'],
  ["an unknown provider", { model: "nobody:x" }, 'unknown model provider "nobody"'],
  [
    "no credential",
    { model: "gemini:x" },
    "set GOOGLE_API_KEY or google.apiKey where the gateway starts, or run cara setup --merge --provider gemini",
  ],
  [
    "a credential in the environment",
    { model: "venice:x", env: { VENICE_API_KEY: "k" } },
    "check VENICE_API_KEY and the model (venice:x); cara logs says more",
  ],
  [
    "a credential in the file",
    { model: "venice:x", config: { venice: { apiKey: "k" } } },
    "check venice.apiKey and the model (venice:x); cara logs says more",
  ],
  [
    "a key and a sign-in",
    {
      say: "Anthropic refused the key (HTTP 401): check ANTHROPIC_API_KEY.",
      model: "anthropic:x",
      config: { anthropic: { authProfile: "anthropic:default" } },
      env: { ...password, ANTHROPIC_API_KEY: "k" },
    },
    "; remove ANTHROPIC_API_KEY to use the sign-in of anthropic.authProfile instead",
  ],
  [
    "a sign-in without the password",
    {
      say: "Anthropic is not available: the sign-in that anthropic.authProfile names is sealed; set CARAPACE_CONFIG_PASSWORD where the gateway starts",
      model: "anthropic:x",
    },
    "export CARAPACE_CONFIG_PASSWORD where the gateway starts, and start it again",
  ],
  [
    "Vertex without a model",
    { model: "vertex:default", env: { VERTEX_PROJECT_ID: "p" } },
    "vertex:default needs a model: set VERTEX_MODEL where the gateway starts, or vertex.model",
  ],
  [
    "the Claude CLI, signed out",
    { say: "Claude CLI is not signed in: run claude and type /login", model: "claude-cli:default" },
    "run claude and type /login, as the user the gateway runs as",
  ],
  [
    "a stored sign-in that has ended",
    { say: "the sign-in has ended: sign in again", model: "codex:default" },
    "sign in again: cara setup --merge --provider codex",
  ],
])("%s", async (_name, one, expected) => {
  expect(await advice(one)).toContain(expected);
});

test("others that are set up are named, and only those", async () => {
  const env = { OPENAI_API_KEY: "k", OLLAMA_BASE_URL: "http://127.0.0.1:1" };
  const said = await advice({ model: "openai:x", env });
  expect(said).toMatch(/; or switch to one that is set up, such as ollama:\S+$/);
});
