import { isRecord, parseJson } from "@carapace/protocol";

/** What a line of the program's output says that matters here. */
export type ClaudeLine =
  | { readonly kind: "text"; readonly delta: string }
  | {
      readonly kind: "result";
      /** `success`, `error_max_turns`, `error_during_execution`. */
      readonly subtype: string;
      readonly isError: boolean;
      readonly text: string;
      readonly usage: unknown;
    };

/** Pure. Reads one line of `--output-format stream-json`; undefined for everything else it tells. */
export function readClaudeLine(line: string): ClaudeLine | undefined {
  const told = parseJson(line);
  if (!isRecord(told)) return undefined;
  if (told["type"] === "stream_event") return textOf(told["event"]);
  if (told["type"] !== "result") return undefined;
  const { subtype, is_error: isError, result, usage } = told;
  const errors = Array.isArray(told["errors"]) ? told["errors"].join("; ") : "";
  return {
    kind: "result",
    subtype: typeof subtype === "string" ? subtype : "",
    isError: isError === true || (typeof subtype === "string" && subtype.startsWith("error")),
    text: typeof result === "string" ? result : errors,
    usage,
  };
}

function textOf(event: unknown): ClaudeLine | undefined {
  const delta = isRecord(event) && event["type"] === "content_block_delta" ? event["delta"] : undefined;
  if (!isRecord(delta) || delta["type"] !== "text_delta") return undefined;
  const { text } = delta;
  return typeof text === "string" && text !== "" ? { kind: "text", delta: text } : undefined;
}
