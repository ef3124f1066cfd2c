import type { ConfigStore } from "@carapace/config";
import type { MethodParams, MethodResult } from "@carapace/protocol";
import { definedOnly } from "../defined-only.ts";
import { readPayload } from "./json-body.ts";
import { type HookContext, shownHeaders, sourceOf } from "./mappings/context.ts";
import { type Plan, planFor } from "./mappings/plan.ts";
import { fitsSource, forPath, type Mapping, mappingsOf, plainPath } from "./mappings/resolve.ts";
import { isSigned, verifySignature } from "./signatures/verify.ts";
import { readTransformResult, type TransformResult } from "./transforms/result.ts";
import type { TransformRunner } from "./transforms/types.ts";

type Ask = MethodParams<"hooks.test">;
type Told = MethodResult<"hooks.test">;

export interface DryRunDeps {
  readonly config: Pick<ConfigStore, "current">;
  readonly nowMs: () => number;
  readonly channels: () => ReadonlySet<string>;
  readonly transforms: () => Promise<TransformRunner>;
}

/**
 * What a call of a mapping would come to. Runs its transform, which can do nothing but compute; starts no turn, wakes
 * nobody, remembers nothing.
 */
export async function dryRun(ask: Ask, deps: DryRunDeps): Promise<Told> {
  const { hooks } = deps.config.current().config.gateway;
  const bytes = Buffer.from(ask.payload);
  const path = plainPath(ask.path);
  const headers = headersOf(ask.headers);
  const base = { served: hooks.enabled };
  if (headers === undefined)
    return { ...base, status: 400, outcome: "refused", reason: "a header has no proper name or value" };
  if (path === "wake" || path === "agent")
    return {
      ...base,
      status: 404,
      outcome: "unmatched",
      reason: `${path} is no mapping: it takes its own fields`,
    };
  const candidates = forPath(mappingsOf(hooks), path);
  const payload = readPayload(bytes, headers.get("content-type"));
  if (!payload.ok) return { ...base, status: 400, outcome: "refused", reason: payload.error };
  const mapping = candidates.find((one) => fitsSource(one, sourceOf(payload.value)));
  if (mapping === undefined)
    return { ...base, status: 404, outcome: "unmatched", reason: reasonOf(candidates.length) };
  const nowMs = deps.nowMs();
  const query = ask.query === "" ? "" : `?${ask.query.replace(/^\?/, "")}`;
  const context: HookContext = { path, nowMs, headers: shownHeaders(headers), query, payload: payload.value };
  const sender = senderOf(mapping, { headers, bytes, nowMs });
  const known = { ...base, mapping: mapping.id, ...sender };
  const said = await transformed(mapping, context, deps);
  if ("told" in said) return { ...known, ...said.told };
  const channels = deps.channels();
  const plan = planFor(mapping, { context, said: said.result, channels, id: "new" });
  const told = { ...known, ...toldOf(plan) };
  // What it would come to is told all the same; its status is that of the refusal.
  return sender.proven === false ? { ...told, status: 401 } : told;
}

function headersOf(given: Readonly<Record<string, string>>): Headers | undefined {
  try {
    return new Headers(given);
  } catch {
    return undefined;
  }
}

function reasonOf(candidates: number): string {
  return candidates === 0 ? "no mapping has this path" : "no mapping of this path has this source";
}

function senderOf(
  mapping: Mapping,
  call: { readonly headers: Headers; readonly bytes: Uint8Array; readonly nowMs: number },
): Pick<Told, "auth" | "proven" | "reason"> {
  const { auth } = mapping;
  if (auth === undefined || !isSigned(mapping)) return { auth: "token" };
  const verdict = verifySignature(auth, call);
  const kind = auth.kind ?? "unknown";
  return verdict.ok ? { auth: kind, proven: true } : { auth: kind, proven: false, reason: verdict.reason };
}

type Said =
  | { readonly result: TransformResult | undefined }
  | { readonly told: Pick<Told, "status" | "outcome" | "reason"> };

async function transformed(mapping: Mapping, context: HookContext, deps: DryRunDeps): Promise<Said> {
  const { module, export: exportName } = mapping.transform ?? {};
  if (module === undefined) return { result: undefined };
  const { payload, headers, path, query } = context;
  const input = {
    payload,
    headers: Object.fromEntries(headers),
    url: `http://localhost/${path}${query}`,
    path,
  };
  const outcome = await (await deps.transforms()).run({ module, exportName, input });
  if (outcome.kind !== "done") return { told: { status: 500, outcome: "failed", reason: outcome.say } };
  const result = readTransformResult(outcome.output);
  if (result === null) return { told: { status: 204, outcome: "skipped" } };
  const reason = "what the transform returned is neither null nor an object with fields of a mapping";
  return result === undefined ? { told: { status: 500, outcome: "failed", reason } } : { result };
}

function toldOf(plan: Plan): Pick<Told, "status" | "outcome" | "reason" | "text" | "trusted" | "fields"> {
  switch (plan.kind) {
    case "refused":
      return {
        status: plan.answer.status,
        outcome: "refused",
        reason: String(plan.answer.body?.["error"] ?? ""),
      };
    case "wake":
      return {
        ...{ status: 200, outcome: "wake", text: plan.wake.text, trusted: plan.isTrusted },
        fields: { mode: plan.wake.mode },
      };
    case "agent": {
      const { message, allowUnsafeExternalContent: _flag, extra: _extra, ...fields } = plan.turn;
      const { instructions } = plan;
      return {
        ...{ status: 202, outcome: "agent", text: message, trusted: plan.isTrusted },
        fields: definedOnly({ ...fields, ...definedOnly({ instructions }) }),
      };
    }
  }
}
