import type { DeliveryResult, OutboundContext } from "../adapter.ts";
import { terminal } from "./failure.ts";
import type { VendorFault } from "./vendor-fault.ts";

/** What became of a message, and the status that the vendor refused it with. */
export interface Sent {
  readonly result: DeliveryResult;
  readonly status?: number | undefined;
}

export function refused(error: string): Sent {
  return { result: terminal(error) };
}

/** What a vendor's library threw, if it is one of our faults that passed through it. */
export function sentOfFault(fault: VendorFault): Sent {
  const { status, isVendors: _, ...result } = fault.failure;
  return { result, status };
}

/** Sends one piece of a message through a vendor's library. */
export interface Sender {
  /** Contract: failures are returned. */
  send(context: OutboundContext, signal: AbortSignal): Promise<Sent>;
}
