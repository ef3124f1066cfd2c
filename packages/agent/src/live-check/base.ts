import { type Result, refuse } from "@carapace/protocol";
import { baseUrlFrom } from "../providers/settings.ts";
import type { LiveCheckResult } from "./types.ts";

/** An address as a provider takes it (agent.md §3): without trailing slashes and a last `/v1`; or why it takes none. */
export function checkedBase(text: string, allowHttp = false): Result<string> {
  const url = baseUrlFrom({ text, name: "The address" }, allowHttp);
  // Whoever holds the name of the setting shows it; here the sentence stands alone.
  return url.ok ? url : refuse(url.code, `${url.say}.`);
}

/** The end of a check whose settings cannot work. */
export function failed(detail: string, remediation?: string): LiveCheckResult {
  return { status: "fail", detail, ...(remediation === undefined ? {} : { remediation }) };
}
