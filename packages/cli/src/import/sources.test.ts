// biome-ignore-all lint/suspicious/noTemplateCurlyInString: placeholders in texts are what is tested
import { expect, test } from "bun:test";
import fc from "fast-check";
import { sourceHome } from "../../testing/source-home.ts";
import { aider } from "./aider/aider.ts";
import { hermes } from "./hermes/hermes.ts";
import { nemoclaw } from "./nemoclaw/nemoclaw.ts";
import { openclaw } from "./openclaw/openclaw.ts";
import { opencode } from "./opencode/opencode.ts";
import type { ImportSource } from "./types.ts";

/** A file as each reader knows it; the texts are places for anything. */
interface Shape {
  readonly [name: string]: Shape | "text";
}

const server: Shape = { apiKey: "text", baseUrl: "text", auth: "text" };
const options: Shape = { options: { apiKey: "text", baseURL: "text" }, disabled: "text" };
const providers = <S extends Shape>(entry: S) => ({
  openai: entry,
  anthropic: entry,
  ollama: entry,
  mine: entry,
});

const sources: readonly (readonly [source: ImportSource, path: string, shape: Shape])[] = [
  [
    openclaw,
    ".openclaw/openclaw.json",
    {
      openai: { apiKey: "text" },
      models: { providers: providers(server) },
      agents: { defaults: { model: { primary: "text", fallbacks: "text" } }, list: "text" },
      channels: {
        telegram: { botToken: "text", enabled: "text", accounts: { default: { botToken: "text" } } },
        discord: { token: "text", enabled: "text" },
        slack: { botToken: "text", signingSecret: "text", appToken: "text" },
      },
      gateway: { auth: { token: "text", password: "text" } },
      env: { GOOGLE_API_KEY: "text", vars: { VENICE_API_KEY: "text" } },
    },
  ],
  [
    opencode,
    ".config/opencode/opencode.json",
    { model: "text", disabled_providers: "text", provider: providers(options), providers: providers(server) },
  ],
  [
    aider,
    ".aider.conf.yml",
    {
      model: "text",
      "openai-api-key": "text",
      "anthropic-api-key": "text",
      "api-key": "text",
      "openai-api-base": "text",
    },
  ],
  [
    nemoclaw,
    ".nemoclaw/config.json",
    { endpointType: "text", endpointUrl: "text", credentialEnv: "text", model: "text", provider: "text" },
  ],
  [
    hermes,
    ".hermes/config.yaml",
    {
      model: { default: "text", provider: "text", base_url: "text", api_key: "text" },
      custom_providers: "text",
    },
  ],
];

const honest = fc.constantFrom(
  ...[
    "sk-honest",
    "123:abc",
    "anthropic/claude-x",
    "gpt-5.2",
    "https://x.example/v1",
    "http://localhost:11434",
  ],
  ...["anthropic", "openai", "openai-compatible", "ollama", "custom", "gemini=AIza"],
);
const hostile = fc.constantFrom<unknown>(
  ...[
    "${PATH}",
    "$${PATH}",
    "${",
    "{env:PATH}",
    "{file:/etc/passwd}",
    "OPENAI_API_KEY",
    "AWS_SECRET_ACCESS_KEY",
  ],
  ...["sk-\u001b[2J", "gpt-\u202ex", "http://u:p@x.example", "http://x.example?key=k", "file:///etc/passwd"],
  ...["enc:v2:a:b:c", "", "x".repeat(10_000), null, true, 0, [], ["a"], {}, { source: "env", id: "PATH" }],
);
const anything = fc.oneof(
  { weight: 3, arbitrary: honest },
  { weight: 2, arbitrary: hostile },
  { weight: 1, arbitrary: fc.jsonValue({ maxDepth: 3 }) },
);

function filled(shape: Shape): fc.Arbitrary<unknown> {
  const fields = Object.entries(shape).map(([name, inner]) => {
    const whole = inner === "text" ? anything : filled(inner);
    return [name, fc.oneof({ weight: 8, arbitrary: whole }, { weight: 1, arbitrary: anything })] as const;
  });
  return fc.record(Object.fromEntries(fields), { requiredKeys: [] });
}

const machine = "/of/this/machine";
const env = {
  PATH: machine,
  OPENAI_API_KEY: "own",
  ANTHROPIC_API_KEY: "own",
  AWS_SECRET_ACCESS_KEY: machine,
};
const hidden = /[\u0000-\u001f\u007f-\u009f\u202a-\u202e]/;

test.each(sources)(
  "whatever a file holds, only what may stand here comes of it (%#)",
  (source, path, shape) => {
    using home = sourceHome();
    let mapped = 0;
    fc.assert(
      fc.property(filled(shape), (content) => {
        home.write(path, JSON.stringify(content));
        const { mappings, skips, warnings } = source.read({ env, home: home.home, cwd: home.cwd });
        expect(warnings).toEqual([]);
        mapped += mappings.length;
        for (const { key, value } of mappings) {
          expect(String(value)).not.toMatch(/\$\{|^enc:|of\/this/);
          expect(String(value)).not.toMatch(hidden);
          if (key.endsWith("baseUrl")) expect(value).toMatch(/^https?:\/\/[^@?#]+$/);
          // NemoClaw names variables of this machine; those of its provider may be read.
          if (source !== nemoclaw) expect(value).not.toBe("own");
        }
        for (const { source: at } of mappings) expect(at).not.toMatch(hidden);
        for (const { path: at, reason } of skips) expect(at + reason).not.toMatch(hidden);
      }),
      { numRuns: 200, seed: 20_261_122 },
    );
    expect(mapped).toBeGreaterThan(20);
  },
);

test.each(sources)("a file with as many names as fit is told in part (%#)", (source, path) => {
  const many = Object.fromEntries(
    Array.from({ length: 20_000 }, (_, n) => [`name-${n}`, { apiKey: `k${n}` }]),
  );
  using home = sourceHome({ [path]: { models: { providers: many }, providers: {} } });
  home.write(".opencode.json", { providers: many });
  const { mappings, skips } = source.read({ env: {}, home: home.home, cwd: home.cwd });
  expect([mappings, skips.length <= 201]).toEqual([[], true]);
});
