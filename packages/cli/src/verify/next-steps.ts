import type { Refusal } from "@carapace/protocol/failures";
import type { Subject } from "./types.ts";

export const seeLogs = "see what the gateway says of it: cara logs";

export const useTls = "add --tls, or tunnel to it with ssh -L and verify the tunnel's end";

/** For a secret that is sealed and does not open. */
export const unseal =
  "export CARAPACE_CONFIG_PASSWORD with the password it was sealed with, here and where the gateway starts";

/** What to do where the control API refuses, or must not be asked. Pure. */
export function controlStep({ code, say }: Refusal, { place }: Pick<Subject, "place">): string {
  const where = place.kind === "here" ? "" : " on the gateway's machine";
  if (code === "not_found")
    return `turn it on${where} with: cara config set gateway.control.enabled true, then run cara verify again`;
  if (code === "forbidden") return useTls;
  if (/\(HTTP 40[13]\)/.test(say))
    return "set CARAPACE_GATEWAY_TOKEN (or CARAPACE_GATEWAY_PASSWORD) to the running gateway's own (gateway.auth)";
  return seeLogs;
}
