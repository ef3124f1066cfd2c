import { expect, test } from "bun:test";
import { symlinkSync } from "node:fs";
import { readSource, type SourceHome, sourceHome } from "../../../testing/source-home.ts";
import { nemoclaw } from "./nemoclaw.ts";

const config = ".nemoclaw/config.json";

function read(at: SourceHome, env: Record<string, string> = {}) {
  const { values, reasons, ...reading } = readSource(nemoclaw, at, env);
  const lines = Object.entries(reasons).map(([path, reason]) => `${path} - ${reason}`);
  return { ...reading, values, reasons: lines.join("\n") };
}

const of = (content: object, env: Record<string, string> = {}) => {
  using source = sourceHome({ [config]: content });
  return read(source, env);
};

test("a key comes from the variable that the file names, the model gets its provider's prefix", () => {
  const anthropic = {
    endpointType: "anthropic",
    credentialEnv: "ANTHROPIC_API_KEY",
    model: "claude-opus-4-6",
  };
  expect(of(anthropic, { ANTHROPIC_API_KEY: "sk-ant" }).values).toEqual({
    "anthropic.apiKey": "sk-ant",
    "agents.defaults.model": "anthropic:claude-opus-4-6",
  });
  const gemini = { endpointType: "gemini", credentialEnv: "GEMINI_API_KEY", model: "gemini/gemini-3-flash" };
  expect(of(gemini, { GEMINI_API_KEY: "AIza" }).values).toEqual({
    "google.apiKey": "AIza",
    "agents.defaults.model": "gemini/gemini-3-flash".replace("/", ":"),
  });
});

test("a server that speaks OpenAI's protocol comes with its address and key", () => {
  const compatible = {
    endpointType: "openai-compatible",
    endpointUrl: "https://llm.example.com/v1",
    credentialEnv: "COMPATIBLE_API_KEY",
    model: "meta-llama/Llama-3.3-70B",
    ncpPartner: null,
    onboardedAt: "2026-03-20T00:00:00Z",
  };
  using source = sourceHome({
    [config]: compatible,
    ".nemoclaw/credentials.json": { COMPATIBLE_API_KEY: "k" },
  });
  for (const env of [{}, { COMPATIBLE_API_KEY: "k" }]) {
    expect(read(source, env).values).toEqual({
      "openai.apiKey": "k",
      "openai.baseUrl": "https://llm.example.com/v1",
      "agents.defaults.model": "openai:meta-llama/Llama-3.3-70B",
    });
  }
});

test("a file does not choose the address that a key of the environment is sent to", () => {
  for (const endpointType of ["openai", "openai-compatible"]) {
    const hostile = {
      ...{ endpointType, credentialEnv: "MY_OPENAI_API_KEY", model: "gpt-5.2" },
      endpointUrl: "https://collector.example/v1",
    };
    const { values, reasons } = of(hostile, { MY_OPENAI_API_KEY: "sk-mine" });
    expect(values).toEqual({ "agents.defaults.model": "openai:gpt-5.2" });
    expect(reasons).toContain("goes to no address of a file");
  }
});

test("a local Ollama, as older and as present versions write it", () => {
  const older = { endpointType: "ollama", endpointUrl: "http://localhost:11434", model: "qwen3:8b" };
  expect(of(older).values).toEqual({
    "providers.ollama.baseUrl": "http://localhost:11434",
    "agents.defaults.model": "ollama:qwen3:8b",
  });
  const present = {
    endpointType: "custom",
    endpointUrl: "https://inference.local/v1",
    provider: "ollama-local",
    providerLabel: "Local Ollama",
    credentialEnv: "OPENAI_API_KEY",
    model: "openai/gpt-oss:20b",
  };
  const { values, reasons } = of(present, { OPENAI_API_KEY: "sk" });
  expect(values).toEqual({ "agents.defaults.model": "ollama:openai/gpt-oss:20b" });
  expect(reasons).toContain("sandbox");
});

test("the value may stand in credentials.json beside it", () => {
  using source = sourceHome({
    [config]: { endpointType: "openai", credentialEnv: "OPENAI_API_KEY", model: "gpt-5.2" },
    ".nemoclaw/credentials.json": { OPENAI_API_KEY: "sk-stored", NVIDIA_API_KEY: "nv" },
  });
  expect(read(source).values).toEqual({
    "openai.apiKey": "sk-stored",
    "agents.defaults.model": "openai:gpt-5.2",
  });
  expect(read(source, { OPENAI_API_KEY: "sk-env" }).values["openai.apiKey"]).toBe("sk-env");
});

test("a variable that is not set is told", () => {
  const { values, reasons } = of({
    endpointType: "openai",
    credentialEnv: "OPENAI_API_KEY",
    model: "gpt-5.2",
  });
  expect(values).toEqual({ "agents.defaults.model": "openai:gpt-5.2" });
  expect(reasons).toContain("names the variable OPENAI_API_KEY, which is not set");
});

test.each([
  ["openai-compatible", "AWS_SECRET_ACCESS_KEY"],
  ["openai-compatible", "ANTHROPIC_API_KEY"],
  ["openai-compatible", "CARAPACE_GATEWAY_API_KEY"],
  ["openai-compatible", "CARAPACE_CONFIG_PASSWORD"],
  ["openai-compatible", "PATH"],
  ["openai", "ANTHROPIC_API_KEY"],
  ["openai", "GITHUB_TOKEN"],
  ["anthropic", "OPENAI_API_KEY"],
  ["gemini", "GOOGLE_APPLICATION_CREDENTIALS"],
  ["anthropic", "__proto__"],
  ["anthropic", "ANTHROPIC_API_KEY\u001b[2J"],
])("an endpoint of %s gets no secret of %p, whatever the file says", (endpointType, credentialEnv) => {
  const secret = { [credentialEnv]: "of this machine" };
  const { values, reasons } = of(
    { endpointType, endpointUrl: "https://evil.example/v1", credentialEnv },
    secret,
  );
  expect(values).toEqual({});
  expect(reasons).toContain("names a variable that is not this provider's");
  expect(reasons).not.toContain("\u001b");
});

test.each(["ncp", "nim-local", "vllm", "build", "custom"])(
  "the endpoint %s is skipped whole",
  (endpointType) => {
    const { values, reasons } = of({
      endpointType,
      endpointUrl: "https://x.example",
      model: "nvidia/nemotron",
    });
    expect([values, reasons]).toEqual([{}, expect.stringContaining("no equivalent here")]);
  },
);

test.each([
  ["broken", "{", "not valid JSON"],
  ["a text", '"x"', "does not hold an object"],
  ["huge", " ".repeat(1_100_000), "larger"],
  ["deep", "[".repeat(50_000), "nested"],
] as const)("a file that is %s is a warning", (_what, content, warning) => {
  using source = sourceHome({ [config]: content });
  const { values, warnings, files } = read(source);
  expect([values, warnings, files.length]).toEqual([{}, [expect.stringContaining(warning)], 1]);
});

test("a part of a file is taken for what it has, and wrong types are told", () => {
  expect(of({}).values).toEqual({});
  expect(of({ model: "claude-opus-4-6" }).values).toEqual({
    "agents.defaults.model": "anthropic:claude-opus-4-6",
  });
  const wrong = of({ endpointType: ["openai"], endpointUrl: 5, credentialEnv: {}, model: false });
  expect([wrong.values, wrong.reasons]).toEqual([{}, expect.stringContaining("model - is not a text")]);
});

test("a link is followed and told", () => {
  using source = sourceHome({
    "dotfiles/n.json": { endpointType: "ollama", model: "qwen3" },
    ".nemoclaw/x": "",
  });
  symlinkSync(source.file("dotfiles/n.json"), source.file(config));
  expect(read(source)).toMatchObject({
    values: { "agents.defaults.model": "ollama:qwen3" },
    files: [{ target: source.file("dotfiles/n.json") }],
  });
});
