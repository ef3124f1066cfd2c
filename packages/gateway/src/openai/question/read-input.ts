import { isJson, isRecord, type Json } from "@carapace/protocol";

/** Pure. A call's arguments as they were sent back to us; what is no JSON object counts as none. */
export function readInput(text: string): Json {
  try {
    const value: unknown = JSON.parse(text === "" ? "{}" : text);
    return isRecord(value) && isJson(value) ? value : {};
  } catch {
    return {};
  }
}
