import { expect, test } from "bun:test";
import { ok, refuse } from "@carapace/protocol/failures";
import type { Mapping } from "../types.ts";
import { documentOf } from "./document.ts";
import { addedTo, completed, usable } from "./finish.ts";

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
