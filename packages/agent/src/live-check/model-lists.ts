import type { Secret } from "@carapace/config";
import { isRecord } from "@carapace/protocol";
import { accountNames } from "../providers/account.ts";
import { type Asked, askJson } from "./ask.ts";
import { checkedBase, failed } from "./base.ts";
import type { LiveCheckDeps, LiveCheckRequest, LiveCheckResult } from "./types.ts";

const timeoutMs = 8000;

type KeyedRequest = Extract<LiveCheckRequest, { provider: "anthropic" | "openai" | "nearai" | "venice" }>;

interface Way {
  /** Asked to find out whether the key is taken. */
  readonly path: string;
  readonly headers: (key: Secret) => Readonly<Record<string, string>>;
  /** Whether anybody is told the list, with a key or without. */
  readonly isPublic?: true;
}

const bearer = (key: Secret) => ({ authorization: `Bearer ${key.reveal()}` });

const ways: Readonly<Record<KeyedRequest["provider"], Way>> = {
  anthropic: {
    path: "/v1/models?limit=1000",
    headers: (key) => ({ "x-api-key": key.reveal(), "anthropic-version": "2023-06-01" }),
  },
  openai: { path: "/v1/models", headers: bearer },
  nearai: { path: "/v1/models", headers: bearer, isPublic: true },
  // Its list of models is for everybody; what a key may do is told to that key alone.
  venice: { path: "/v1/api_keys/rate_limits", headers: bearer },
};

/** Asks who takes a key for their models, or for the key's own limits (cli.md §3.10). */
export async function checkKey(request: KeyedRequest, deps: LiveCheckDeps): Promise<LiveCheckResult> {
  const { provider, key, model } = request;
  const { path, headers, isPublic } = ways[provider];
  const { label, defaultUrl } = accountNames(provider);
  const base = checkedBase(request.baseUrl ?? defaultUrl);
  if (!base.ok) return failed(base.say);
  const asked: Asked = { id: provider, secrets: [key] };
  const url = `${base.value}${path}`;
  const answer = await askJson(url, { headers: headers(key), timeoutMs }, { asked, deps });
  if (!answer.ok) return answer.result;
  const taken = isPublic
    ? `${label} can be reached; whether it takes the key shows with the first message`
    : `${label} takes the key`;
  return withModel(taken, { ids: idsOf(answer.body), model });
}

/** A list need not name every model there is (aliases, fine-tuned ones): one that is missing is only pointed out. */
export function withModel(
  taken: string,
  { ids, model }: { readonly ids: readonly string[]; readonly model: string | undefined },
): LiveCheckResult {
  if (model === undefined || ids.length === 0 || ids.includes(model))
    return { status: "pass", detail: `${taken}.` };
  return {
    status: "pass",
    detail: `${taken}. The model ${shownModel(model)} is not in its list.`,
    remediation: "If the first message fails, check how the model is spelled.",
  };
}

/** A model's name as it may stand in a sentence. */
export function shownModel(model: string): string {
  return model.replace(/[^\w.:/@+-]/g, "?").slice(0, 100);
}

function idsOf(body: unknown): string[] {
  const list = isRecord(body) && Array.isArray(body["data"]) ? body["data"] : [];
  return list.flatMap((entry: unknown) =>
    isRecord(entry) && typeof entry["id"] === "string" ? [entry["id"]] : [],
  );
}
