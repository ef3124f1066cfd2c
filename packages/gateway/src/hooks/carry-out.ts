import type { Visit } from "../http/route.ts";
import { agentTurn } from "./agent.ts";
import { type HookAnswer, refusal } from "./answer.ts";
import type { HookContext } from "./mappings/context.ts";
import { planFor } from "./mappings/plan.ts";
import type { Mapping } from "./mappings/resolve.ts";
import { readTransformResult, type TransformResult } from "./transforms/result.ts";
import type { HookDesk } from "./types.ts";
import { wake } from "./wake.ts";

interface Taken {
  /** The same for the same call. */
  readonly id: string;
  readonly context: HookContext;
  readonly visit: Pick<Visit, "clientIp" | "url">;
}

/** How a call was carried out; `reason`: what the owner is told and the caller is not. */
interface Done {
  readonly answer: HookAnswer;
  readonly reason?: string;
}

/** Transforms a call, plans it, and does it. */
export async function carryOutMapping(mapping: Mapping, taken: Taken, desk: HookDesk): Promise<Done> {
  const { id, context, visit } = taken;
  const transformed = await transform(mapping, taken, desk);
  if (transformed.kind !== "said") return transformed.done;
  const plan = planFor(mapping, { context, said: transformed.said, channels: desk.channels(), id });
  const hook = context.path;
  switch (plan.kind) {
    case "refused":
      return { answer: plan.answer };
    case "wake":
      return { answer: await wake(plan.wake, { id, hook, isTrusted: plan.isTrusted }, desk) };
    case "agent": {
      const { turn, kind: _kind, ...facts } = plan;
      return { answer: await agentTurn(turn, { ...facts, runId: id, hook, clientIp: visit.clientIp }, desk) };
    }
  }
}

type Transformed =
  | { readonly kind: "said"; readonly said?: TransformResult }
  | { readonly kind: "over"; readonly done: Done };

async function transform(mapping: Mapping, taken: Taken, desk: HookDesk): Promise<Transformed> {
  const { module, export: exportName } = mapping.transform ?? {};
  if (module === undefined) return { kind: "said" };
  const runner = await desk.transforms();
  const outcome = await runner.run({ module, exportName, input: transformInput(taken) });
  if (outcome.kind === "busy") return over(refusal(503, outcome.say));
  if (outcome.kind === "failed") return failed(mapping, outcome.say, desk);
  const said = readTransformResult(outcome.output);
  if (said === null) return over({ status: 204 });
  return said === undefined
    ? failed(mapping, "what it returned is neither null nor an object with fields of a mapping", desk)
    : { kind: "said", said };
}

/** `{payload, headers, url, path}` (http.md §8.4). */
function transformInput({ context, visit }: Pick<Taken, "context" | "visit">) {
  const { payload, headers, path } = context;
  return { payload, headers: Object.fromEntries(headers), url: visit.url.href, path };
}

function failed(mapping: Mapping, say: string, desk: HookDesk): Transformed {
  desk.log.warn("the transform of a hook failed", { mapping: mapping.id, say });
  return over(refusal(500, "hook mapping failed"), `transform: ${say}`);
}

function over(answer: HookAnswer, reason?: string): Transformed {
  return { kind: "over", done: reason === undefined ? { answer } : { answer, reason } };
}
