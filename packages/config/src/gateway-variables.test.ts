// biome-ignore-all lint/suspicious/noTemplateCurlyInString: placeholders in texts are what is tested
import { expect, test } from "bun:test";
import type { JsonObject } from "@carapace/protocol";
import { gatewayVariables } from "./gateway-variables.ts";

type Variables = Readonly<Record<string, string>>;

test.each<[string, JsonObject, Variables, Variables, readonly string[], readonly string[]]>([
  ["nothing is set", { openai: { apiKey: "${MY_KEY}" } }, {}, {}, [], []],
  ["one that the file names is needed", { a: ["${MY_KEY} ${MY_KEY}"] }, { MY_KEY: "k" }, {}, ["MY_KEY"], []],
  ["the file sets it itself", { a: "${MY_KEY}" }, { MY_KEY: "k" }, { MY_KEY: "k" }, [], []],
  ["an escaped placeholder is a text", { a: "$${MY_KEY}" }, { MY_KEY: "k" }, {}, [], []],
  [
    "keys, addresses, proxies and the password are read",
    {},
    { OPENAI_API_KEY: "k", OLLAMA_BASE_URL: "u", HTTPS_PROXY: "x", CARAPACE_CONFIG_PASSWORD: "p" },
    {},
    [],
    ["CARAPACE_CONFIG_PASSWORD", "HTTPS_PROXY", "OLLAMA_BASE_URL", "OPENAI_API_KEY"],
  ],
  [
    "what is needed is told once",
    { a: "${OPENAI_API_KEY}" },
    { OPENAI_API_KEY: "k" },
    {},
    ["OPENAI_API_KEY"],
    [],
  ],
  [
    "where things are and what is empty is not told, nor what no gateway reads",
    {},
    {
      CARAPACE_STATE_DIR: "/s",
      PATH: "/bin",
      HOME: "/h",
      SHELL: "/bin/sh",
      OPENAI_API_KEY: "",
      EDITOR: "vi",
    },
    {},
    [],
    [],
  ],
])("of the variables: %s", (_what, shown, env, injected, needed, read) => {
  expect(gatewayVariables({ shown, injected }, env)).toEqual({ needed, read });
});
