import type { Secret } from "@carapace/config";
import { isRecord } from "@carapace/protocol";
import { type Asked, askJson } from "./ask.ts";
import { checkedBase, failed, isThisMachine } from "./base.ts";
import type { LiveCheckDeps, LiveCheckRequest, LiveCheckResult } from "./types.ts";

const timeoutMs = 8000;

type KeyedRequest = Extract<LiveCheckRequest, { provider: "anthropic" | "openai" | "nearai" | "venice" }>;

interface Way {
  readonly label: string;
  readonly baseUrl: string;
  /** Asked to find out whether the key is taken. */
  readonly path: string;
  readonly headers: (key: Secret) => Readonly<Record<string, string>>;
  /** Whether anybody is told the list, with a key or without. */
  readonly isPublic?: true;
}

const bearer = (key: Secret) => ({ authorization: `Bearer ${key.reveal()}` });

const ways: Readonly<Record<KeyedRequest["provider"], Way>> = {
  anthropic: {
    ...{ label: "Anthropic", baseUrl: "https://api.anthropic.com", path: "/v1/models?limit=1000" },
    headers: (key) => ({ "x-api-key": key.reveal(), "anthropic-version": "2023-06-01" }),
  },
  openai: {
    ...{ label: "OpenAI", baseUrl: "https://api.openai.com", path: "/v1/models" },
    headers: bearer,
  },
  nearai: {
    ...{ label: "NEAR AI Cloud", baseUrl: "https://cloud-api.near.ai", path: "/v1/models" },
    headers: bearer,
    isPublic: true,
  },
  // Its list of models is for everybody; what a key may do is told to that key alone.
  venice: {
    ...{ label: "Venice", baseUrl: "https://api.venice.ai/api", path: "/v1/api_keys/rate_limits" },
    headers: bearer,
  },
};

/** Asks who takes a key for their models, or for the key's own limits (cli.md §3.10). */
export async function checkKey(request: KeyedRequest, deps: LiveCheckDeps): Promise<LiveCheckResult> {
  const { provider, key, model } = request;
  const way = ways[provider];
  const base = checkedBase(request.baseUrl ?? way.baseUrl);
  if (!base.ok) return failed(base.say);
  const baseUrl = base.value;
  const asked: Asked = {
    ...{ id: provider, label: way.label, secrets: [key] },
    isLocal: isThisMachine(baseUrl),
  };
  const answer = await askJson(
    `${baseUrl}${way.path}`,
    { headers: way.headers(key), timeoutMs },
    { asked, deps },
  );
  if (!answer.ok) return answer.result;
  const taken =
    way.isPublic === true
      ? `${way.label} can be reached; whether it takes the key shows with the first message`
      : `${way.label} takes the key`;
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
