import { globalRules, tokenSettings, usualLocation } from "../providers/vertex.ts";
import {
  isLocation,
  isProjectId,
  locate,
  publisherPath,
  readVertexModel,
  type VertexTarget,
  vertexUrl,
} from "../providers/vertex-target.ts";
import { createVertexTokens, type VertexToken } from "../providers/vertex-token.ts";
import { type Asked, askJson, failedBy } from "./ask.ts";
import { checkedBase, failed } from "./base.ts";
import { shownModel } from "./model-lists.ts";
import type { LiveCheckDeps, LiveCheckRequest, LiveCheckResult } from "./types.ts";

type VertexRequest = Extract<LiveCheckRequest, { provider: "vertex" }>;

const timeoutMs = 10_000;

/** Gets a token, then asks for the model if it is Google's (agent.md §4.5): of others nothing is told before a call. */
export async function checkVertex(request: VertexRequest, deps: LiveCheckDeps): Promise<LiveCheckResult> {
  const { projectId, location = usualLocation, model } = request;
  if (!isProjectId(projectId))
    return failed("This is not the id of a Google Cloud project.", "Copy it from the console.");
  if (!isLocation(location))
    return failed("This is not a location of Vertex.", "Write it as us-central1, or global.");
  const target = model === undefined ? undefined : targetOf(model, location, request.globalModels);
  if (target !== undefined && "status" in target) return target;
  const signal = deps.signal ?? new AbortController().signal;
  const token = await tokenOf(request, deps, signal);
  if (signal.aborted) return { status: "skip", detail: "The check was stopped." };
  if (!token.ok) return failedBy(token.say);
  if (target?.publisher === "google") return await probe({ request, target, token }, deps);
  return {
    status: "pass",
    detail: "Google gives a token for Vertex; whether the model can be used shows with the first message.",
  };
}

function targetOf(
  model: string,
  location: string,
  globalModels: readonly string[] | undefined,
): VertexTarget | LiveCheckResult {
  const read = readVertexModel(model);
  if (!read.ok) return failed(`${read.say}.`);
  const rules = globalRules(globalModels);
  return rules.ok ? locate(read.value, location, rules.value) : failed(`${rules.say}.`);
}

function tokenOf(
  { gcloudTokenTimeoutMs, metadataUrl }: VertexRequest,
  { lookup, nowMs }: LiveCheckDeps,
  signal: AbortSignal,
): Promise<VertexToken> {
  const settings = tokenSettings(lookup, gcloudTokenTimeoutMs);
  const where = metadataUrl === undefined ? {} : { metadataUrl };
  return createVertexTokens({ ...settings, ...where }, nowMs).get(signal);
}

interface Probe {
  readonly request: VertexRequest;
  readonly target: VertexTarget;
  readonly token: VertexToken & { ok: true };
}

async function probe({ request, target, token }: Probe, deps: LiveCheckDeps): Promise<LiveCheckResult> {
  const base = checkedBase(request.baseUrl ?? vertexUrl(target.location));
  if (!base.ok) return failed(base.say);
  const path = `${publisherPath(request.projectId, target)}/models/${target.id}:fetchPublisherModelConfig`;
  const asked: Asked = { id: "vertex", keyName: "the sign-in of gcloud", secrets: [token.token] };
  const headers = { authorization: `Bearer ${token.token.reveal()}` };
  const answer = await askJson(`${base.value}/v1beta1/${path}`, { headers, timeoutMs }, { asked, deps });
  const name = shownModel(target.id);
  if (answer.ok) return { status: "pass", detail: `Vertex has the model ${name}.` };
  return answers[answer.status ?? 0]?.(name, target.location) ?? answer.result;
}

type Told = (model: string, location: string) => LiveCheckResult;

const denied: Told = () =>
  failed(
    "Google's account for this may not use Vertex AI in the project.",
    "Switch the Vertex AI API on in the project, and give the account the role Vertex AI User.",
  );

/** What the statuses of this question mean (agent.md §4.5). */
const answers: Readonly<Record<number, Told>> = {
  400: (model) =>
    failed(
      `Vertex did not accept the question for the model ${model}.`,
      "Check the project, the location and the model.",
    ),
  401: denied,
  403: denied,
  404: (model, location) =>
    failed(
      `Vertex does not have the model ${model} in ${location}.`,
      "Choose another model, or another location.",
    ),
  429: () => failed("Vertex takes no more requests for now.", "Try again in a minute."),
};
