import { isRecord } from "@carapace/protocol";
import { isRegion } from "../providers/bedrock.ts";
import { bedrockUrl } from "../providers/bedrock-endpoint.ts";
import { type Asked, askJson } from "./ask.ts";
import { checkedBase, failed } from "./base.ts";
import { isBedrockRegion } from "./bedrock-regions.ts";
import { shownModel } from "./model-lists.ts";
import type { LiveCheckDeps, LiveCheckRequest, LiveCheckResult } from "./types.ts";

type BedrockRequest = Extract<LiveCheckRequest, { provider: "bedrock" }>;

const timeoutMs = 10_000;

/** Asks Bedrock's control plane, signed, which models there are (`ListFoundationModels`), and how they can be called. */
export async function checkBedrock(request: BedrockRequest, deps: LiveCheckDeps): Promise<LiveCheckResult> {
  const { region, model } = request;
  if (!isRegion(region)) return failed("This is not an AWS region.", "Write it as us-east-1.");
  if (!isBedrockRegion(region)) {
    const detail = `Nothing is known of Bedrock in the region ${region}, so nobody was asked.`;
    return { status: "skip", detail };
  }
  const base = checkedBase(request.baseUrl ?? bedrockUrl("bedrock", region));
  if (!base.ok) return failed(base.say);
  const url = `${base.value}/foundation-models`;
  const headers = await signedHeaders(url, request, deps);
  const answer = await askJson(url, { headers, timeoutMs }, { asked: askedOf(request), deps });
  if (answer.ok) return judge(answer.body, model);
  return /accessdenied/.test(answer.tags) ? mayNotList : answer.result;
}

const mayNotList: LiveCheckResult = {
  status: "skip",
  detail:
    "AWS knows the keys, but they may not list models; whether they may use one shows with the first message.",
  remediation: "To have it checked, allow bedrock:ListFoundationModels.",
};

function askedOf({ accessKeyId, secretAccessKey, sessionToken }: BedrockRequest): Asked {
  return {
    id: "bedrock",
    keyName: "the AWS keys",
    secrets: [accessKeyId, secretAccessKey, ...(sessionToken === undefined ? [] : [sessionToken])],
  };
}

async function signedHeaders(
  url: string,
  { region, accessKeyId, secretAccessKey, sessionToken }: BedrockRequest,
  { nowMs }: LiveCheckDeps,
): Promise<Record<string, string>> {
  const { AwsV4Signer } = await import("aws4fetch");
  const signer = new AwsV4Signer({
    ...{ method: "GET", url, region, service: "bedrock", headers: { accept: "application/json" } },
    ...{ accessKeyId: accessKeyId.reveal(), secretAccessKey: secretAccessKey.reveal() },
    ...(sessionToken === undefined ? {} : { sessionToken: sessionToken.reveal() }),
    datetime: new Date(nowMs()).toISOString().replace(/[:-]|\.\d{3}/g, ""),
  });
  const { headers } = await signer.sign();
  return Object.fromEntries(headers);
}

interface Listed {
  readonly status: unknown;
  readonly inference: readonly unknown[];
}

function judge(body: unknown, model: string | undefined): LiveCheckResult {
  if (model === undefined) return { status: "pass", detail: "Bedrock takes the keys." };
  if (model.startsWith("arn:"))
    return { status: "pass", detail: "Bedrock takes the keys; a model named by its ARN is not looked up." };
  const models = listedModels(body);
  // A profile's name is its model's, behind the group of regions it serves.
  const [, base] = /^(?:us|us-gov|eu|apac|jp|au|ca|global)\.(.+)$/.exec(model) ?? [];
  const listed = models.get(base ?? model);
  return listed === undefined ? notListed(model) : usable(listed, { model, isProfile: base !== undefined });
}

function notListed(model: string): LiveCheckResult {
  return failed(
    `Bedrock takes the keys, but does not have the model ${shownModel(model)} in this region.`,
    "Choose one that the Bedrock console lists for the region.",
  );
}

function usable(
  { status, inference }: Listed,
  { model, isProfile }: { readonly model: string; readonly isProfile: boolean },
): LiveCheckResult {
  const name = shownModel(model);
  if (status !== "ACTIVE")
    return failed(`Bedrock does not offer the model ${name} to new users any more.`, "Choose a newer one.");
  if (isProfile || inference.includes("ON_DEMAND"))
    return { status: "pass", detail: `Bedrock takes the keys and has the model ${name}.` };
  if (!inference.includes("INFERENCE_PROFILE"))
    return failed(`The model ${name} cannot be called on demand.`, "Choose one that can.");
  return failed(
    `Bedrock serves the model ${name} through an inference profile only.`,
    `Put the group of your region before its name, as in bedrock:us.${name}`,
  );
}

function listedModels(body: unknown): ReadonlyMap<string, Listed> {
  const list = isRecord(body) && Array.isArray(body["modelSummaries"]) ? body["modelSummaries"] : [];
  const entries = list.flatMap((entry: unknown): [string, Listed][] => {
    if (!isRecord(entry) || typeof entry["modelId"] !== "string") return [];
    const { modelId, modelLifecycle: lifecycle, inferenceTypesSupported: inference } = entry;
    const status = isRecord(lifecycle) ? lifecycle["status"] : undefined;
    return [[String(modelId), { status, inference: Array.isArray(inference) ? inference : [] }]];
  });
  return new Map(entries);
}
