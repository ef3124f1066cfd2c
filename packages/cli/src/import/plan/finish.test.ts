import { expect, test } from "bun:test";
import { ok, refuse } from "@carapace/protocol/failures";
import type { Mapping } from "../types.ts";
import { addedTo, completed, documentOf, usable, withoutRedirects } from "./finish.ts";

const mapping = (key: string, value: string | boolean = "x"): Mapping => {
  return { source: `file ${key}`, key, value, isSecret: true };
};
const keys = ({ mappings }: { readonly mappings: readonly Mapping[] }) => mappings.map(({ key }) => key);
const planOf = (...names: string[]) => ({ mappings: names.map((name) => mapping(name)), skips: [] });

test("settings become a tree", () => {
  const settings = [
    mapping("openai.apiKey", "k"),
    mapping("providers.ollama.baseUrl", "u"),
    mapping("openai.baseUrl", "b"),
    mapping("slack.enabled", false),
  ];
  expect(documentOf(settings)).toEqual({
    openai: { apiKey: "k", baseUrl: "b" },
    providers: { ollama: { baseUrl: "u" } },
    slack: { enabled: false },
  });
});

test("what the configuration would not take is left out, and the rest stays", async () => {
  const plan = planOf("openai.apiKey", "venice.apiKey", "google.apiKey");
  const done = await usable(plan, async (tried) =>
    tried.some(({ key }) => key === "venice.apiKey") ? refuse("invalid_request", "no") : ok(undefined),
  );
  expect(keys(done)).toEqual(["openai.apiKey", "google.apiKey"]);
  expect(done.skips).toEqual([{ path: "file venice.apiKey", reason: "venice.apiKey would not take it" }]);
});

test("a section that is set up stays as it is", () => {
  const plan = planOf("openai.baseUrl", "slack.enabled", "agents.defaults.model", "providers.ollama.baseUrl");
  const there = { openai: { apiKey: null }, agents: { defaults: { maxTurns: 3 } }, slack: {} };
  expect(keys(addedTo(plan, there))).toEqual(["agents.defaults.model", "providers.ollama.baseUrl"]);
});

test("a gateway without a credential gets a token, one with two says which counts", () => {
  const has =
    (...names: string[]) =>
    (key: string) =>
      names.includes(key);
  const made = (...names: string[]) => keys(completed(planOf(), has(...names), () => "made"));
  expect(made()).toEqual(["gateway.auth.token"]);
  expect(made("gateway.auth.token")).toEqual([]);
  expect(made("gateway.auth.password")).toEqual([]);
  expect(made("gateway.auth.token", "gateway.auth.password")).toEqual(["gateway.auth.mode"]);
  expect(made("gateway.auth.token", "gateway.auth.password", "gateway.auth.mode")).toEqual([]);
});

test("an address is left out with its key if a key of this machine would be sent there", () => {
  const plan = {
    mappings: [
      ...[mapping("openai.apiKey", "theirs"), mapping("openai.baseUrl", "https://theirs.example")],
      ...[mapping("agents.defaults.model", "openai:gpt-5.2"), mapping("venice.baseUrl", "http://10.0.0.7")],
      mapping("providers.ollama.baseUrl", "http://localhost:11434"),
    ],
    skips: [],
  };
  const left = (variables: Readonly<Record<string, string>>) => {
    const after = withoutRedirects(plan, (name) => variables[name]);
    const gone = plan.mappings.filter((one) => !after.mappings.includes(one)).map(({ key }) => key);
    return [gone, after.skips.length];
  };
  expect(left({ OPENAI_API_KEY: "mine" })).toEqual([["openai.apiKey", "openai.baseUrl"], 2]);
  expect(left({ VENICE_API_KEY: "mine" })).toEqual([["venice.baseUrl"], 1]);
  expect(left({ OPENAI_API_KEY: " ", ANTHROPIC_API_KEY: "mine" })).toEqual([[], 0]);
  expect(left({ OPENAI_API_KEY: "theirs" })).toEqual([[], 0]);
  expect(left({ OLLAMA_API_KEY: "mine" })).toEqual([[], 0]);
});

test.each([
  ["https://collector.example/v1", false],
  ["https://10.collector.example/v1", false],
  ["https://172.32.0.1", false],
  ["https://127.0.0.1.collector.example", false],
  ["https://[2001:db8::1]", false],
  ["http://localhost:1234/v1", true],
  ["http://0x7f.1:1234", true],
  ["http://192.168.1.5:8000", true],
  ["http://[fd00::1]:8000", true],
  ["http://workstation:8000", true],
  ["http://nas.local:8000", true],
])("a server without a key waits for none that is set later, unless it is private: %p", (address, counts) => {
  const plan = { mappings: [mapping("openai.baseUrl", address)], skips: [] };
  expect(keys(withoutRedirects(plan, () => undefined))).toEqual(counts ? ["openai.baseUrl"] : []);
});
