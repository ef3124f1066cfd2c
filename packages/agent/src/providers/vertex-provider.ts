import type { Secret } from "@carapace/config";
import { ok, type Result, refuse } from "@carapace/protocol";
import type { ModelEvent, ModelRequest, Provider } from "../types.ts";
import { anthropicOptions } from "./anthropic-options.ts";
import { toCallOptions } from "./prompt.ts";
import { unlessRefused, watchStatus } from "./signed-in-call.ts";
import type { FetchLike } from "./transport.ts";
import { type CallDeps, callVendor } from "./vendor-call.ts";
import type { VertexSettings } from "./vertex.ts";
import { openVertexModel } from "./vertex-models.ts";
import { locate, readVertexModel, type VertexTarget, vertexUrl } from "./vertex-target.ts";
import { createVertexTokens } from "./vertex-token.ts";

/**
 * Vertex AI (agent.md §4.2, §4.5): Google's models by Google's wire, Anthropic's by Anthropic's, the others by OpenAI's.
 * @param urlOf Where a location is asked instead of its own address.
 */
export function createVertexProvider(
  settings: VertexSettings,
  deps: CallDeps,
  urlOf: (location: string) => string = vertexUrl,
): Provider {
  const tokens = createVertexTokens(settings.token, deps.nowMs);
  return {
    id: settings.vendor.id,
    async *complete(request, signal) {
      const target = targetOf(request.model, settings);
      if (!target.ok) {
        yield { kind: "failed", failure: { code: "no_such_model", say: target.say } };
        return;
      }
      const call = (token: Secret, watched: (fetch: FetchLike) => FetchLike) =>
        callModel({ settings, request, target: target.value, token, watched }, { deps, signal, urlOf });
      // A token that was good when it was kept may not be any more: a new one is asked for, once.
      for (let isSecond = false; ; isSecond = true) {
        const got = await tokens.get(signal);
        if (signal.aborted) return;
        if (!got.ok) {
          yield { kind: "failed", failure: { code: "auth", say: got.say, detail: got.detail } };
          return;
        }
        const status = watchStatus();
        const events = call(got.token, status.watched);
        const end = yield* unlessRefused(events, () => status.last() === 401 && !isSecond);
        if (end === "ended") return;
        tokens.drop(got.token);
      }
    },
  };
}

function targetOf(model: string, settings: VertexSettings): Result<VertexTarget> {
  const name = model.toLowerCase() === "default" ? settings.model : model;
  if (name === undefined) {
    return refuse(
      "missing_model",
      "vertex:default stands for the model of VERTEX_MODEL or vertex.model, and neither is set: set one of them, or " +
        "choose a model by its name.",
    );
  }
  const read = readVertexModel(name);
  return read.ok ? ok(locate(read.value, settings.location, settings.globalRules)) : read;
}

interface VertexCall {
  readonly settings: VertexSettings;
  readonly request: ModelRequest;
  readonly target: VertexTarget;
  readonly token: Secret;
  readonly watched: (fetch: FetchLike) => FetchLike;
}

interface Way {
  readonly deps: CallDeps;
  readonly signal: AbortSignal;
  readonly urlOf: (location: string) => string;
}

function callModel(
  { settings, request, target, token, watched }: VertexCall,
  { deps, signal, urlOf }: Way,
): AsyncIterable<ModelEvent> {
  const options =
    target.publisher === "anthropic"
      ? anthropicOptions(request)
      : { ...toCallOptions(request, { marksErrors: false }), maxOutputTokens: request.maxTokens };
  const endpoint = {
    serviceUrl: urlOf(target.location),
    projectId: settings.projectId,
    headers: { authorization: `Bearer ${token.reveal()}` },
  };
  const vendor = { ...settings.vendor, secrets: [token] };
  const open = (fetch: FetchLike) => openVertexModel(target, { ...endpoint, fetch: watched(fetch) });
  return callVendor({ vendor, request, options, open }, deps, signal);
}
