import { isRecord } from "@carapace/protocol";
import { accountNames } from "../providers/account.ts";
import { type Asked, askJson, failedWith } from "./ask.ts";
import { checkedBase, failed } from "./base.ts";
import { withModel } from "./model-lists.ts";
import type { LiveCheckDeps, LiveCheckRequest, LiveCheckResult } from "./types.ts";

type GeminiRequest = Extract<LiveCheckRequest, { provider: "gemini" }>;

const timeoutMs = 8000;

/** Asks Gemini for its models (`GET {base}/v1beta/models`). */
export async function checkGemini(request: GeminiRequest, deps: LiveCheckDeps): Promise<LiveCheckResult> {
  const base = checkedBase(request.baseUrl ?? accountNames("gemini").defaultUrl);
  if (!base.ok) return failed(base.say);
  const { credential, model } = request;
  const secrets = credential.kind === "key" ? [credential.key] : [];
  const asked: Asked = { id: "gemini", secrets };
  let headers: Readonly<Record<string, string>>;
  try {
    headers = await headersOf(credential, deps);
  } catch (error) {
    return failedWith(error, asked, deps).result;
  }
  const url = `${base.value}/v1beta/models?pageSize=1000`;
  const answer = await askJson(url, { headers, timeoutMs }, { asked, deps });
  if (!answer.ok) return answer.result;
  const taken = credential.kind === "key" ? "Gemini takes the key" : "Gemini takes the sign-in";
  return withModel(taken, { ids: namesOf(answer.body), model });
}

async function headersOf(
  credential: GeminiRequest["credential"],
  { signal }: LiveCheckDeps,
): Promise<Readonly<Record<string, string>>> {
  if (credential.kind === "key") return { "x-goog-api-key": credential.key.reveal() };
  const token = await credential.token(signal ?? new AbortController().signal);
  return { authorization: `Bearer ${token.reveal()}` };
}

/** They are told as `models/gemini-…`. */
function namesOf(body: unknown): string[] {
  const list = isRecord(body) && Array.isArray(body["models"]) ? body["models"] : [];
  return list.flatMap((entry: unknown) =>
    isRecord(entry) && typeof entry["name"] === "string" ? [entry["name"].replace(/^models\//, "")] : [],
  );
}
