import { isRecord } from "@carapace/protocol";
import { UsageTally } from "./usage.ts";

/**
 * Watches the vendor's own chunks for what the SDKs lose when a stream is irregular: reason, usage, errors. The vendors'
 * chunks share no names, so that one watch reads them all.
 */
export class RawWatch {
  readonly usage = new UsageTally();
  reason: string | undefined;
  error: unknown;

  observe(chunk: unknown): void {
    if (!isRecord(chunk)) return;
    this.error = chunk["error"] ?? exceptionOf(chunk) ?? namelessCall(chunk) ?? undefined;
    for (const usage of usagesOf(chunk)) this.usage.observe(usage);
    const reason = reasonOf(chunk);
    if (reason !== undefined && reason !== "") this.reason = reason;
  }
}

type Fields = Readonly<Record<string, unknown>>;

/** OpenAI's and Google's `usage…`, Anthropic's first message, Bedrock's `metadata`. */
function usagesOf(chunk: Fields): unknown[] {
  return [
    chunk["usage"],
    chunk["usageMetadata"],
    fieldOf(chunk["message"], "usage"),
    fieldOf(chunk["metadata"], "usage"),
  ];
}

function reasonOf(chunk: Fields): string | undefined {
  const blocked = fieldOf(chunk["promptFeedback"], "blockReason");
  if (typeof blocked === "string" && blocked !== "" && blocked !== "BLOCK_REASON_UNSPECIFIED")
    return "PROMPT_BLOCKED";
  return [
    fieldOf(first(chunk["choices"]), "finish_reason"),
    fieldOf(chunk["delta"], "stop_reason"),
    fieldOf(first(chunk["candidates"]), "finishReason"),
    fieldOf(chunk["messageStop"], "stopReason"),
  ].find((reason) => typeof reason === "string");
}

/** Bedrock's exceptions come as chunks under their own name (agent.md §4.6 *Fix*). */
function exceptionOf(chunk: Fields): unknown {
  const [name, body] = Object.entries(chunk).find(([key]) => key.endsWith("Exception")) ?? [];
  const message = fieldOf(body, "message") ?? fieldOf(body, "Message");
  return name === undefined ? undefined : { type: name, message: message ?? name };
}

/** A call of Google's that does not say what is called (agent.md §4.5). */
function namelessCall(chunk: Fields): unknown {
  const parts = fieldOf(fieldOf(first(chunk["candidates"]), "content"), "parts");
  const isNameless = (part: unknown) => {
    const call = fieldOf(part, "functionCall");
    return isRecord(call) && (typeof call["name"] !== "string" || call["name"] === "");
  };
  return Array.isArray(parts) && parts.some(isNameless)
    ? { type: "malformed_reply", message: "a function call without a name" }
    : undefined;
}

function fieldOf(value: unknown, name: string): unknown {
  return isRecord(value) ? value[name] : undefined;
}

function first(list: unknown): unknown {
  return Array.isArray(list) ? list[0] : undefined;
}
