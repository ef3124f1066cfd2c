import type { TokenUsage } from "@carapace/protocol";
import type { Finish } from "../answer/types.ts";
import type { ApiError } from "../errors.ts";
import type { ResponsesRequest } from "../schemas/responses-request.ts";
import { type OutputItem, wireUsage } from "./items.ts";

/** What all states of one reply have in common. */
export interface ResponseHead {
  /** 32 hex digits: `resp_…`, `msg_…`. */
  readonly digits: string;
  /** Unix seconds. */
  readonly createdAt: number;
  readonly model: string;
  readonly body: ResponsesRequest;
}

/** How far a reply is. */
export type ResponseState =
  | { readonly kind: "in_progress" }
  | {
      readonly kind: "ended";
      readonly output: readonly OutputItem[];
      readonly finish: Finish;
      readonly usage: TokenUsage;
    }
  | { readonly kind: "failed"; readonly error: ApiError };

/** Pure. The object that stands for a reply in that state (http.md §11.2). */
export function responseObject(head: ResponseHead, state: ResponseState) {
  const { digits, createdAt, model } = head;
  return {
    id: `resp_${digits}`,
    object: "response",
    created_at: createdAt,
    status: statusOf(head, state),
    model,
    output: state.kind === "ended" ? state.output : [],
    ...(state.kind === "ended" ? { usage: wireUsage(state.usage) } : {}),
    ...(state.kind === "failed"
      ? { error: { code: state.error.code ?? "server_error", message: state.error.message } }
      : {}),
    incomplete_details: isCutOff(state) ? { reason: "max_output_tokens" } : null,
    ...echo(head.body),
  };
}

/** Pure. The event that ends the stream. */
export function lastEvent(head: ResponseHead, state: ResponseState): string {
  return `response.${statusOf(head, state)}`;
}

/**
 * Clients of the OpenResponses form, which know tools in an object of their own, are told by `incomplete` that results
 * are wanted; the vendor's own clients expect a complete reply.
 */
function statusOf({ body }: ResponseHead, state: ResponseState): string {
  if (state.kind !== "ended") return state.kind;
  const wantsResults = state.finish === "tool_calls" && body.tools?.some(({ isNested }) => isNested) === true;
  return wantsResults || isCutOff(state) ? "incomplete" : "completed";
}

function isCutOff(state: ResponseState): boolean {
  return state.kind === "ended" && state.finish === "length";
}

/** What clients read back of their own request. */
function echo(body: ResponsesRequest) {
  return {
    instructions: body.instructions ?? null,
    metadata: body.metadata ?? {},
    parallel_tool_calls: true,
    previous_response_id: body.previous_response_id ?? null,
    store: body.store ?? true,
    temperature: body.temperature ?? null,
    top_p: body.top_p ?? null,
    max_output_tokens: body.max_output_tokens ?? null,
    tool_choice: choiceOf(body.tool_choice),
    tools: (body.tools ?? []).map(({ name, description, parameters, strict }) => ({
      ...{ type: "function", name, description: description ?? null },
      ...{ parameters: parameters ?? null, strict: strict ?? null },
    })),
    text: { format: body.text?.format ?? { type: "text" } },
  };
}

function choiceOf(choice: ResponsesRequest["tool_choice"]) {
  if (choice === null || choice === undefined) return "auto";
  return typeof choice === "string" ? choice : { type: "function", name: choice.name };
}
