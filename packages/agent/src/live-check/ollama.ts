import type { Secret } from "@carapace/config";
import { ok, type Result, refuse } from "@carapace/protocol";
import { accountNames } from "../providers/account.ts";
import { ownServer } from "../providers/ollama.ts";
import { ollamaNames } from "../providers/ollama-models.ts";
import { type Answer, type Asked, askJson } from "./ask.ts";
import { checkedBase, failed } from "./base.ts";
import { shownModel } from "./model-lists.ts";
import type { LiveCheckDeps, LiveCheckRequest, LiveCheckResult } from "./types.ts";

type OllamaRequest = Extract<LiveCheckRequest, { provider: "ollama" }>;

const timeoutMs = 5000;
const { defaultUrl } = accountNames("ollama");
const mostNamed = 8;

/** Asks an Ollama server which models it has (`GET /api/tags`), and whether the wanted one is among them. */
export async function checkOllama(request: OllamaRequest, deps: LiveCheckDeps): Promise<LiveCheckResult> {
  const answer = await askTags(request, deps);
  if (!answer.ok) return answer.result;
  const { model } = request;
  const names = answer.body;
  if (names.length === 0) {
    const wanted = model === undefined ? "qwen3" : shownModel(model);
    return {
      status: "fail",
      detail: "Ollama runs, but has no model yet.",
      remediation: `Get one with: ollama pull ${wanted}`,
    };
  }
  if (model === undefined || has(names, model))
    return { status: "pass", detail: `Ollama runs and has ${listed(names)}.` };
  return {
    status: "fail",
    detail: `Ollama does not have the model ${shownModel(model)}; it has ${listed(names)}.`,
    remediation: `Get it with: ollama pull ${shownModel(model)}`,
  };
}

/** The models of a running Ollama, in its order. @returns the refusal `unavailable` if it cannot be asked */
export async function listOllamaModels(
  baseUrl = defaultUrl,
  key?: Secret,
  deps: Partial<LiveCheckDeps> = {},
): Promise<Result<readonly string[]>> {
  const request = { provider: "ollama" as const, baseUrl, ...(key === undefined ? {} : { key }) };
  const answer = await askTags(request, { nowMs: Date.now, lookup: () => undefined, ...deps });
  if (answer.ok) return ok(answer.body);
  const { detail, remediation } = answer.result;
  return refuse("unavailable", remediation === undefined ? detail : `${detail} ${remediation}`);
}

async function askTags(
  { baseUrl = defaultUrl, key }: OllamaRequest,
  deps: LiveCheckDeps,
): Promise<Answer<readonly string[]>> {
  const checked = checkedBase(baseUrl, true);
  if (!checked.ok) return { ok: false, tags: "", result: failed(checked.say) };
  const base = checked.value;
  const asked: Asked = { id: "ollama", secrets: key === undefined ? [] : [key], ownServer };
  const headers = key === undefined ? {} : { authorization: `Bearer ${key.reveal()}` };
  const answer = await askJson(`${base}/api/tags`, { headers, timeoutMs }, { asked, deps });
  return answer.ok ? { ok: true, body: ollamaNames(answer.body) } : answer;
}

/** A name without a tag means its `latest`. */
function has(names: readonly string[], model: string): boolean {
  return names.includes(model) || names.includes(`${model}:latest`);
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, mostNamed).map(shownModel).join(", ");
  return names.length > mostNamed ? `${shown} and ${names.length - mostNamed} more` : shown;
}
