import type { ReportStatus } from "../adapter.ts";
import { type Checked, isTokenRefused } from "./checked-token.ts";
import type { JudgedFailure } from "./judge-answer.ts";

/**
 * Tells how a channel is after its credentials were checked at the start (channels.md §1.4): only a token that the vendor
 * refuses, and an address that cannot be used, keep it from sending; anything else is a warning.
 */
export function reportCheck(checked: Checked, report: ReportStatus): void {
  if (!checked.ok) report("error", checked.failure.error);
  if (checked.ok || mayPass(checked.failure)) report("connected");
}

function mayPass(failure: JudgedFailure): boolean {
  return !isTokenRefused(failure) && failure.retryability.kind === "transient";
}
