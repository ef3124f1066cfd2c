// biome-ignore-all lint/suspicious/noTemplateCurlyInString: placeholders are what is kept
import { expect, test } from "bun:test";
import { Secret } from "@carapace/config";
import type { SetupDraft } from "../draft.ts";
import type { Answers } from "./answers.ts";
import { answersOf, draftOf, fitting } from "./keep.ts";

const typed = { kind: "typed", secret: new Secret("sk-planted-in-a-draft") } as const;
const store = async () => ({ ok: true, value: undefined }) as const;

test("what is kept comes back; nothing that is secret, or was made of a secret, is kept", () => {
  const answers: Partial<Answers> = {
    ...{
      pace: "every",
      hidesInput: true,
      provider: "vertex",
      model: "vertex:default",
      bind: "lan",
      port: 4711,
    },
    ...{ projectId: { kind: "text", text: "p" }, location: { kind: "variable", name: "VERTEX_LOCATION" } },
    ...{
      outcome: "matrix",
      homeserverUrl: "https://m.example",
      userId: "@a:m.example",
      verifyTo: "",
      controlUi: true,
    },
  };
  const secret: Partial<Answers> = {
    ...{ key: typed, botToken: typed, matrixToken: typed, storePassphrase: typed, hooksToken: typed.secret },
    gatewayAuth: { mode: "token", token: typed.secret },
    client: { id: "c", secret: typed.secret },
    profile: { profileId: "p", store },
    live: { status: "pass", detail: "" },
  };
  const draft = draftOf({ ...answers, ...secret });
  expect(JSON.stringify(draft)).not.toContain("planted");
  expect(draft.settings).toEqual({ projectId: "p", location: "${VERTEX_LOCATION}" });
  expect(answersOf(draft, { VERTEX_LOCATION: "x" })).toEqual(answers);
});

test("a variable that is gone, a model of another provider and a provider nobody knows are asked about again", () => {
  const draft = { provider: "venice", model: "openai:gpt-5.2", settings: { baseUrl: "${VENICE_BASE_URL}" } };
  expect(answersOf(draft, {})).toEqual({ provider: "venice" });
  expect(answersOf({ provider: "nobody", model: "a:b" }, {})).toEqual({});
});

test("a ChatGPT subscription keeps its own models", () => {
  const draft = { provider: "openai", authMode: "oauth", model: "codex:default" } as const;
  expect(answersOf(draft, {})).toEqual(draft);
});

test("what the command line names now leaves nothing of another provider or outcome", () => {
  const draft: SetupDraft = {
    ...({ pace: "every", authMode: "api-key", outcome: "telegram" } as const),
    ...{ provider: "anthropic", model: "anthropic:m", channel: { verifyTo: "4711" } },
  };
  expect(fitting(draft, {})).toEqual(draft);
  expect(fitting(draft, { provider: "anthropic", outcome: "telegram" })).toEqual(draft);
  expect(fitting(draft, { provider: "venice" })).not.toHaveProperty("model");
  expect(fitting(draft, { outcome: "discord" })).not.toHaveProperty("channel");
});
